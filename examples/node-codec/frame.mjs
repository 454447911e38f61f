/** A frame: magic, wire version, the sender's Python, payload. */
import { Refusal } from "./refusal.mjs";

export const MAGIC_SIZE = 7;
const VERSION = 1;
const HEADER_SIZE = 10;
const MAGICS = { scalar: "DFPYUDF", aggregate: "DFPYUDA", window: "DFPYUDW" };
const FAMILIES = new Map(Object.entries(MAGICS).map(([family, magic]) => [magic, family]));
const HEADER = ["wire-format version", "Python major version", "Python minor version"];

/** The family whose magic the bytes begin with, if any. */
export function familyOf(data) {
  return FAMILIES.get(data.toString("latin1", 0, MAGIC_SIZE));
}

/** The parts of a frame of this family, with the header checked from left to right. */
export function readFrame(family, data) {
  const what = `inline Python ${family} UDF payload`;
  HEADER.forEach((name, index) => {
    if (data.length <= MAGIC_SIZE + index) {
      throw new Refusal(`Truncated ${what}: missing ${name} byte`);
    }
    if (index === 0 && data[MAGIC_SIZE] !== VERSION) {
      throw new Refusal(
        `The ${what} has wire-format version v${data[MAGIC_SIZE]}; this receiver supports ` +
          `v${VERSION}..=v${VERSION}. Align datafusion-python versions on sender and receiver.`,
      );
    }
  });
  return {
    family,
    version: VERSION,
    python: `${data[8]}.${data[9]}`,
    payload: data.subarray(HEADER_SIZE),
  };
}

/** Refuse a frame that was written on another Python minor version than the receiver's. */
export function checkPython(frame, receiver) {
  if (frame.python === receiver) return;
  throw new Refusal(
    `The inline Python ${frame.family} UDF payload was written on Python ${frame.python} and ` +
      `this receiver is running Python ${receiver}. Pickles are not portable across Python ` +
      "minor versions. Align Python versions on sender and receiver.",
  );
}

export function writeFrame({ family, python, payload }) {
  const magic = MAGICS[family];
  const [, major, minor] = /^(\d{1,3})\.(\d{1,3})$/.exec(python) ?? [];
  if (magic === undefined) throw new Error(`expected a family, found ${family}`);
  if (!(major < 256 && minor < 256)) {
    throw new Error(`expected a Python version such as 3.12, found ${python}`);
  }
  return Buffer.concat([
    Buffer.from(magic, "latin1"),
    Buffer.from([VERSION, major, minor]),
    payload,
  ]);
}
