/** An envelope: magic, version, length of the codec's id, id, the codec's own bytes. */
import { Refusal } from "./refusal.mjs";

const MAGIC = "DFPYCHN";
const VERSION = 1;
const VERSION_AT = 7;
const LENGTH_AT = 8;
const ID_AT = 12;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function isEnvelope(data) {
  return data.toString("latin1", 0, VERSION_AT) === MAGIC;
}

/** The parts of an envelope, checked from left to right. */
export function readEnvelope(data) {
  requireBytes(data, LENGTH_AT, "missing envelope version byte");
  if (data[VERSION_AT] !== VERSION) {
    throw new Refusal(
      `The extension codec payload has envelope version v${data[VERSION_AT]}; this receiver ` +
        `supports v${VERSION}..=v${VERSION}. Align datafusion-python versions on sender and ` +
        "receiver.",
    );
  }
  requireBytes(data, ID_AT, "missing codec id length");
  const end = ID_AT + data.readUInt32LE(LENGTH_AT);
  requireBytes(data, end, "codec id shorter than its declared length");
  return {
    version: VERSION,
    codecId: decodeId(data.subarray(ID_AT, end)),
    payload: data.subarray(end),
  };
}

function requireBytes(data, size, missing) {
  if (data.length < size) {
    throw new Refusal(`Truncated extension codec payload: ${missing}`);
  }
}

function decodeId(bytes) {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Refusal("The extension codec payload has a non-UTF-8 codec id.");
  }
}

export function writeEnvelope({ codecId, payload }) {
  const id = Buffer.from(codecId, "utf8");
  const head = Buffer.alloc(ID_AT);
  head.write(MAGIC, "latin1");
  head[VERSION_AT] = VERSION;
  head.writeUInt32LE(id.length, LENGTH_AT);
  return Buffer.concat([head, id, payload]);
}
