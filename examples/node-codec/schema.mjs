/** Schemas: Arrow IPC streams with a schema message and no record batch. */
import { Table } from "./flatbuffers.mjs";
import { Refusal } from "./refusal.mjs";
import { dictionaryText, typeText } from "./types.mjs";

const CONTINUATION = 0xffffffff;
const SCHEMA = 1;
const MAX_DEPTH = 64;
/** A stream may end without a mark; the older mark has no continuation. */
const ENDS = ["", "00000000", "ffffffff00000000"];

/** The fields of a schema: name, type as text, nullability, metadata, children. */
export function readSchema(data) {
  const { message, rest } = firstMessage(data);
  const table = Table.root(message);
  if (table.number(1, "UInt8") !== SCHEMA) {
    throw new Refusal("The first message of a schema stream is no schema.");
  }
  if (!ENDS.includes(rest.toString("hex", 0, 9))) {
    throw new Refusal("A schema stream goes on behind its schema.");
  }
  const schema = table.table(2);
  if (schema === undefined) throw new Refusal("A schema message is empty.");
  // A field takes several bytes: offsets that make more of them are a trap.
  const budget = { left: message.length };
  return schema.tables(1).map((field) => readField(field, budget, 1));
}

function firstMessage(data) {
  const word = (at) => (data.length < at + 4 ? 0 : data.readUInt32LE(at));
  const start = word(0) === CONTINUATION ? 8 : 4;
  const size = word(start - 4);
  if (size === 0 || size > data.length - start) {
    throw new Refusal("A schema stream is empty or cut short.");
  }
  const end = start + size;
  return { message: data.subarray(start, end), rest: data.subarray(end) };
}

function readField(table, budget, depth) {
  budget.left -= 1;
  if (budget.left < 0 || depth > MAX_DEPTH) {
    throw new Refusal("A schema has too many fields, or nests too deep.");
  }
  const children = table.tables(5).map((child) => readField(child, budget, depth + 1));
  const kind = table.number(2, "UInt8");
  const encoding = table.table(4);
  let type = typeText(kind, table.table(3), children);
  if (encoding !== undefined) type = dictionaryText(type, encoding);
  const pairs = table.tables(6).map((pair) => [pair.text(0) ?? "", pair.text(1) ?? ""]);
  return {
    name: table.text(0) ?? "",
    type,
    nullable: table.flag(1),
    metadata: Object.fromEntries(pairs),
    children,
  };
}

/** A field as a record of the manifest, which leaves out what is usual. */
export function fieldRecord({ name, type, nullable, metadata }) {
  return {
    name,
    type,
    ...(nullable ? {} : { nullable }),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}
