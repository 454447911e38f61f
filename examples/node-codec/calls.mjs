/** The calls of functions in an expression or a plan, found by DataFusion's messages. */
import { CALLS, MESSAGES, ROOTS } from "./messages.mjs";
import { DELIMITED, readFields } from "./protobuf.mjs";
import { Refusal } from "./refusal.mjs";
import { holdsFrame } from "./tree.mjs";

/** A decoder of DataFusion goes as deep. */
const MAX_DEPTH = 100;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The calls in their order: family and name of the function, and its definition, which is
 * `undefined` for a call by name. Refuses what is no such artifact.
 */
export function listCalls(artifact, data) {
  const calls = [];
  walk(ROOTS[artifact], data, 1, calls);
  return calls;
}

function walk(name, data, depth, calls) {
  if (depth > MAX_DEPTH) throw malformed(`messages nest deeper than ${MAX_DEPTH}`);
  const fields = readFields(data);
  if (fields === null) throw malformed("a message cannot be read");
  checkFields(MESSAGES.get(name), fields);
  if (CALLS[name]) calls.push(callIn(CALLS[name], fields));
  for (const field of fields) {
    const type = MESSAGES.get(name).types.get(field.number);
    if (type === undefined) refuseFrames(field);
    else if (field.wire !== DELIMITED) throw malformed(`field ${field.number} is a number`);
    else if (type === "text") textOf(field);
    else if (type !== "bytes") walk(type, field.value, depth + 1, calls);
  }
}

function checkFields({ types, required, isChoice }, fields) {
  const numbers = fields.map(({ number }) => number);
  const chosen = numbers.filter((number) => types.has(number));
  if (isChoice && chosen.length !== 1) {
    throw malformed(`expected one node, found ${chosen.length}`);
  }
  const missing = required.find((number) => !numbers.includes(number));
  if (missing !== undefined) throw malformed(`field ${missing} is missing`);
}

/** A frame in a field that is not known here: who knows the field would decode the frame. */
function refuseFrames({ number, wire, value }) {
  if (wire === DELIMITED && holdsFrame(value)) {
    throw malformed(`a frame in field ${number}, where no function is called`);
  }
}

function callIn({ names, definition }, fields) {
  const named = fields.filter(({ number }) => names[number]);
  const defined = fields.filter(({ number }) => number === definition);
  if (named.length > 1 || defined.length > 1) {
    throw malformed("a call has two names or two definitions");
  }
  // Protobuf leaves out an empty name, unless the field is one of a choice.
  const number = named[0]?.number ?? 1;
  if (names[number] === undefined) throw malformed("a call has no name");
  return {
    family: names[number],
    name: named.length === 0 ? "" : textOf(named[0]),
    definition: defined[0]?.value,
  };
}

function textOf(field) {
  try {
    return utf8.decode(field.value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw malformed(`the text in field ${field.number} is not UTF-8`);
  }
}

function malformed(what) {
  return new Refusal(`These bytes hold no such expression or plan: ${what}.`);
}
