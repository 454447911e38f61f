/** Arrow's types as text, in the notation that golden/README.md defines. */
import { byCodePoint } from "./order.mjs";
import { Refusal } from "./refusal.mjs";

const BARE_NAME = /^[A-Za-z0-9_.-]+$/;
const BARE_ZONE = /^[A-Za-z0-9_.+:/-]+$/;
const UNITS = ["s", "ms", "us", "ns"];
const FLOATS = ["halffloat", "float", "double"];
const INTERVALS = ["month_interval", "day_time_interval", "month_day_nano_interval"];

/** The types by their number in Arrow's `Schema.fbs`: the text of a table and its children. */
const TYPES = {
  1: () => "null",
  2: (table) => integerText(table),
  3: (table) => pick(FLOATS, table.number(0, "Int16LE")),
  4: () => "binary",
  5: () => "string",
  6: () => "bool",
  7: (table) =>
    `decimal${table.number(2, "Int32LE", 128)}` +
    `(${table.number(0, "Int32LE")}, ${table.number(1, "Int32LE")})`,
  8: (table) => pick(["date32[day]", "date64[ms]"], table.number(0, "Int16LE", 1)),
  9: (table) => `time${table.number(1, "Int32LE", 32)}[${unitText(table, 1)}]`,
  10: (table) => {
    const zone = table.text(1);
    const suffix = zone === undefined ? "" : `, tz=${quoted(zone, BARE_ZONE)}`;
    return `timestamp[${unitText(table, 0)}${suffix}]`;
  },
  11: (table) => pick(INTERVALS, table.number(0, "Int16LE")),
  12: (_, [item]) => `list<${fieldText(item)}>`,
  13: (_, children) => `struct<${children.map(fieldText).join(", ")}>`,
  14: (table, children) => unionText(table, children),
  15: (table) => `fixed_size_binary[${table.number(0, "Int32LE")}]`,
  16: (table, [item]) => `fixed_size_list<${fieldText(item)}>[${table.number(0, "Int32LE")}]`,
  17: (table, [entries]) => {
    const pair = entries.children.map(fieldText).join(", ");
    return `map<${pair}${table.flag(0) ? ", keys_sorted" : ""}>`;
  },
  18: (table) => `duration[${unitText(table, 1)}]`,
  19: () => "large_binary",
  20: () => "large_string",
  21: (_, [item]) => `large_list<${fieldText(item)}>`,
  22: (_, [ends, values]) => `run_end_encoded<run_ends: ${ends.type}, values: ${values.type}>`,
  23: () => "binary_view",
  24: () => "string_view",
  25: (_, [item]) => `list_view<${fieldText(item)}>`,
  26: (_, [item]) => `large_list_view<${fieldText(item)}>`,
};
/** How many children a nested type has; any number where it is not listed. */
const CHILDREN = { 12: 1, 16: 1, 17: 1, 21: 1, 22: 2, 25: 1, 26: 1 };

/** The text of a type: its number, its table and its children, which are fields. */
export function typeText(kind, table, children) {
  const render = TYPES[kind];
  const count = CHILDREN[kind] ?? children.length;
  if (render === undefined || table === undefined || children.length !== count) {
    throw new Refusal(`The schema has an unknown or incomplete type, number ${kind}.`);
  }
  return render(table, children);
}

export function dictionaryText(values, encoding) {
  const indices = encoding.table(1);
  const type = indices === undefined ? "int32" : integerText(indices);
  return `dictionary<values=${values}, indices=${type}, ordered=${Number(encoding.flag(2))}>`;
}

function integerText(table) {
  return `${table.flag(1) ? "" : "u"}int${table.number(0, "Int32LE")}`;
}

function unitText(table, missing) {
  return pick(UNITS, table.number(0, "Int16LE", missing));
}

function unionText(table, children) {
  const codes = table.numbers(1);
  const members = children.map((child, index) => `${fieldText(child)}=${codes[index] ?? index}`);
  const mode = pick(["sparse", "dense"], table.number(0, "Int16LE"));
  return `${mode}_union<${members.join(", ")}>`;
}

function fieldText({ name, type, nullable, metadata }) {
  const suffix = nullable ? "" : " not null";
  const pairs = Object.keys(metadata)
    .sort(byCodePoint)
    .map((key) => `${JSON.stringify(key)}: ${JSON.stringify(metadata[key])}`);
  const shown = pairs.length > 0 ? ` {${pairs.join(", ")}}` : "";
  return `${quoted(name, BARE_NAME)}: ${type}${suffix}${shown}`;
}

function quoted(text, bare) {
  return bare.test(text) ? text : JSON.stringify(text);
}

function pick(texts, index) {
  if (texts[index] === undefined) {
    throw new Refusal(`The schema has an unknown unit or precision, ${index}.`);
  }
  return texts[index];
}
