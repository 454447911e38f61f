/**
 * A message as a tree: the messages, frames and envelopes in its fields, wherever they are.
 *
 * A frame is a field that begins with a magic. Any other field is looked into if its bytes
 * parse as a message: no schema is needed, and no field is lost.
 */
import { isEnvelope, readEnvelope, writeEnvelope } from "./envelope.mjs";
import { MAGIC_SIZE, familyOf, readFrame, writeFrame } from "./frame.mjs";
import { DELIMITED, GROUP, readFields, writeField } from "./protobuf.mjs";
import { Refusal } from "./refusal.mjs";

const MAX_DEPTH = 100;
/** Tag, length and magic: a smaller message holds no frame. */
const SMALLEST = 2 + MAGIC_SIZE;
const MAX_NAME = 2 ** 20;
/** The fields of the call's name, by that of the function's definition. */
const NAME_FIELDS = { 3: [1], 6: [1], 7: [4], 9: [10, 3], 10: [9, 3] };
const PRINTABLE = /^(?:[^\p{C}\p{Z}]| )+$/u;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function readTree(data) {
  const fields = readFields(data);
  if (fields === null) throw new Refusal("These bytes hold no message.");
  return readMessage(fields, 1);
}

function readMessage(fields, depth) {
  if (depth > MAX_DEPTH) {
    throw new Refusal(`The messages nest deeper than ${MAX_DEPTH}.`);
  }
  for (const field of fields) {
    if (field.wire === DELIMITED) field.content = readContent(field.value, depth + 1);
    if (field.wire === GROUP) field.content = readMessage(field.fields, depth + 1);
  }
  return { fields };
}

/** What is in the bytes of a field: `undefined` for a text, a number or other bytes. */
function readContent(value, depth) {
  const family = familyOf(value);
  if (family !== undefined) {
    return unlessBroken(() => ({ frame: readFrame(family, value) }));
  }
  if (isEnvelope(value) && depth <= MAX_DEPTH) {
    return unlessBroken(() => {
      const envelope = readEnvelope(value);
      return { envelope, content: readContent(envelope.payload, depth + 1) };
    });
  }
  const fields = value.length < SMALLEST ? null : readFields(value);
  return fields === null ? undefined : readMessage(fields, depth);
}

/** A frame or envelope with a faulty header stays as it is: it may be a mere text. */
function unlessBroken(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return { broken: error };
    throw error;
  }
}

/** The bytes of a tree. They are those from which it was read, unless fields were taken out. */
export function writeTree(tree) {
  return Buffer.concat(
    tree.fields.flatMap((field) => {
      const value = writeContent(field.content, field.value);
      return writeField(field, value);
    }),
  );
}

function writeContent(content, value) {
  if (content === undefined || content.broken) return value;
  if (content.frame) return writeFrame(content.frame);
  if (content.fields) return writeTree(content);
  const { codecId, payload } = content.envelope;
  return writeEnvelope({
    codecId,
    payload: writeContent(content.content, payload),
  });
}

/** Each frame and envelope in a tree: its path, its bytes, its parts, the name in its call. */
export function* found(tree, path = []) {
  const seen = new Map();
  for (const field of tree.fields) {
    const { number, content, value } = field;
    const index = seen.get(number) ?? 0;
    seen.set(number, index + 1);
    if (content === undefined) continue;
    const step = [...path, [number, index]];
    if (content.fields) yield* found(content, step);
    else yield* foundInside(content, value, step, callName(tree, number));
  }
}

/** Field number 0 does not exist; in a path it is the step into an envelope. */
function* foundInside(content, value, path, call) {
  if (content === undefined) return;
  if (content.fields) yield* found(content, path);
  if (content.broken) yield { broken: content.broken, value, path, call };
  if (content.frame) yield { frame: content.frame, value, path, call };
  if (content.envelope) {
    const { envelope } = content;
    yield { envelope, value, path, call };
    yield* foundInside(content.content, envelope.payload, [...path, [0, 0]], call);
  }
}

function callName(tree, number) {
  const numbers = NAME_FIELDS[number] ?? tree.fields.map((field) => field.number);
  for (const wanted of numbers) {
    for (const field of tree.fields) {
      const name = field.number === wanted ? textOf(field) : undefined;
      if (name !== undefined) return name;
    }
  }
  return undefined;
}

function textOf(field) {
  if (field.wire !== DELIMITED || field.value.length > MAX_NAME) return undefined;
  try {
    const text = utf8.decode(field.value);
    return PRINTABLE.test(text) ? text : undefined;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Whether there is a frame or an envelope in the bytes of a field. */
export function holdsFrame(value) {
  const content = readContent(value, 1);
  return !foundInside(content, value, [], undefined).next().done;
}
