/**
 * The rules of the format, from golden/README.md: what is in bytes, and who reads them.
 *
 * Protobuf, pickles and Arrow schemas are public formats. Their readers are those of the
 * example node-codec; elsewhere they would be packages.
 */
import { createHash } from "node:crypto";
import { DELIMITED, readFields } from "../node-codec/protobuf.mjs";
import { readPickle } from "../node-codec/pickle.mjs";
import { Refusal } from "../node-codec/refusal.mjs";
import { fieldRecord, readSchema } from "../node-codec/schema.mjs";
import { Opaque, Tuple } from "../node-codec/walker.mjs";

export { Refusal };

const FAMILIES = { DFPYUDF: "scalar", DFPYUDA: "aggregate", DFPYUDW: "window" };
const ENVELOPE = "DFPYCHN";
const MAGIC_SIZE = 7;
const VOLATILITIES = ["immutable", "stable", "volatile"];

/** By the field of a call: the field of its definition, and families by the field of the name. */
const EXPRESSIONS = {
  20: { definition: 3, names: { 1: "scalar" } },
  19: { definition: 6, names: { 1: "aggregate" } },
  18: { definition: 10, names: { 9: "window", 3: "aggregate" } },
};
const CALLS = {
  expression: EXPRESSIONS,
  logical: EXPRESSIONS,
  physical: {
    16: { definition: 3, names: { 1: "scalar" } },
    4: { definition: 7, names: { 4: "aggregate" } },
    2: { definition: 9, names: { 10: "window", 3: "aggregate" } },
  },
};

/** The frames and the envelopes in bytes, as records of the manifest. */
export function takeApart(artifact, data) {
  const frames = [];
  const envelopes = [];
  for (const { value, path, siblings } of listDefinitions(data)) {
    const call = CALLS[artifact][path.at(-2)[0]];
    let bytes = value;
    let at = path;
    for (;;) {
      const place = { offset: bytes.byteOffset - data.byteOffset, size: bytes.length, path: at };
      if (!isEnvelope(bytes)) {
        frames.push({ ...place, ...readFrame(bytes), call: nameIn(call, siblings)?.name ?? null });
        break;
      }
      const { version, codec_id, payload } = readEnvelope(bytes);
      envelopes.push({ ...place, version, codec_id, payload_sha256: sha256(payload) });
      bytes = payload;
      at = [...at, [0, 0]];
    }
  }
  return { frames, envelopes };
}

/** Throw a `Refusal` unless a receiver on this Python, with this session, decodes the bytes. */
export function decide(artifact, data, session, python) {
  const root = readFields(data);
  if (root?.length !== 1 || root[0].wire !== DELIMITED) throw new Refusal("no expression or plan");
  const calls = [...listCalls(artifact, data)];
  for (const { value, path } of listDefinitions(data)) {
    const isCalled = calls.some(({ definition }) => definition?.byteOffset === value.byteOffset);
    const isRoot = artifact !== "expression" && path.length === 2;
    if (!isCalled || isRoot) throw new Refusal(`a frame where a ${artifact} has no call`);
  }
  for (const call of calls) {
    const isKnown = session.registered.some(
      ([family, name]) => family === call.family && name === call.name,
    );
    if (!decodes(call, call.definition, session, session.codecs, python) && !isKnown) {
      throw new Refusal(`no ${call.family} UDF '${call.name}'`);
    }
  }
}

/** Whether a definition is read; `false` if it is missing or of an unknown kind. */
function decodes(call, definition, session, codecs, python) {
  if (definition === undefined) return false;
  if (isEnvelope(definition)) {
    const { codec_id, payload } = readEnvelope(definition);
    if (!codecs.includes(codec_id)) throw new Refusal(`no extension codec '${codec_id}'`);
    if (decodes(call, payload, session, [], python)) return true;
    throw new Refusal(`an envelope without the UDF '${call.name}'`);
  }
  if (FAMILIES[magicOf(definition)] !== call.family) return false;
  const sender = readHeader(definition).python;
  if (sender !== python) throw new Refusal(`on Python ${sender}, running Python ${python}.`);
  if (!session.inlining) throw new Refusal(`inlining is disabled: UDF '${call.name}'`);
  readFrame(definition);
  return true;
}

/** Each field that begins with a magic, wherever it is: a frame or an envelope. */
function* listDefinitions(data, path = []) {
  const seen = {};
  const siblings = readFields(data) ?? [];
  for (const { number, wire, value } of siblings) {
    seen[number] = (seen[number] ?? -1) + 1;
    if (wire !== DELIMITED) continue;
    const step = [...path, [number, seen[number]]];
    if (isEnvelope(value) || magicOf(value) in FAMILIES) yield { value, path: step, siblings };
    else yield* listDefinitions(value, step);
  }
}

/** Each call of a function: the family and the name, and the definition if there is one. */
function* listCalls(artifact, data) {
  for (const { number, wire, value } of readFields(data) ?? []) {
    if (wire !== DELIMITED) continue;
    const fields = readFields(value);
    const layout = CALLS[artifact][number];
    const named = fields && layout && nameIn(layout, fields);
    if (named) {
      const definition = fields.find((field) => field.number === layout.definition)?.value;
      yield { ...named, definition };
    }
    yield* listCalls(artifact, value);
  }
}

/** The family and the name in the fields of a call. Protobuf leaves out an empty name. */
function nameIn({ names }, fields) {
  const field = fields.find(({ number, wire }) => names[number] && wire === DELIMITED);
  const name = field?.value.toString();
  return name && !/\p{C}/u.test(name) ? { family: names[field.number], name } : undefined;
}

function readFrame(data) {
  const { family, version, python } = readHeader(data);
  const payload = data.subarray(MAGIC_SIZE + 3);
  const { value, imports } = readPickle(payload);
  const items = value instanceof Tuple ? value.items : [];
  if (items.length !== (family === "aggregate" ? 6 : 5)) throw new Refusal("a wrong tuple");
  const [name, callable, ...schemas] = items;
  const volatility = schemas.pop();
  const isTyped = typeof name === "string" && schemas.every(Buffer.isBuffer);
  if (!isTyped || !(callable instanceof Opaque && callable.mayBeCalled)) {
    throw new Refusal("a member of another type");
  }
  if (!VOLATILITIES.includes(volatility)) throw new Refusal("an unknown volatility");
  const [inputs, returns, state] = schemas.map((schema) => readSchema(schema).map(fieldRecord));
  if (returns.length !== 1) throw new Refusal("a return schema of another size");
  const record = { family, version, python, name, inputs, returns: returns[0], volatility };
  const digest = { imports, payload_sha256: sha256(payload) };
  return { ...record, ...(state ? { state } : {}), ...digest };
}

function readHeader(data) {
  const [version, major, minor] = data.subarray(MAGIC_SIZE);
  if (minor === undefined) throw new Refusal("a header that is cut short");
  if (version !== 1) throw new Refusal(`wire-format version v${version}`);
  return { family: FAMILIES[magicOf(data)], version, python: `${major}.${minor}` };
}

function readEnvelope(data) {
  const size = data.length < 12 ? NaN : 12 + data.readUInt32LE(8);
  if (!(size <= data.length)) throw new Refusal("an envelope that is cut short");
  if (data[MAGIC_SIZE] !== 1) throw new Refusal(`envelope version v${data[MAGIC_SIZE]}`);
  const codec_id = data.toString("utf8", 12, size);
  if (!Buffer.from(codec_id).equals(data.subarray(12, size))) throw new Refusal("no UTF-8");
  return { version: 1, codec_id, payload: data.subarray(size) };
}

function magicOf(data) {
  return data.toString("latin1", 0, MAGIC_SIZE);
}

function isEnvelope(data) {
  return magicOf(data) === ENVELOPE;
}

function sha256(data) {
  return createHash("sha256").update(data).digest("hex");
}
