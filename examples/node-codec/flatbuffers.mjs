/** Tables of a flatbuffer, each slot read by its number. Every offset is checked. */
import { Refusal } from "./refusal.mjs";

export class Table {
  /** The table at this offset; `root` finds the first one. */
  constructor(data, at) {
    this.data = data;
    this.at = at;
    this.vtable = at - read(data, at, "Int32LE");
    this.size = read(data, this.vtable, "UInt16LE");
  }

  static root(data) {
    return new Table(data, read(data, 0, "UInt32LE"));
  }

  /** The number in a slot; `format` is that of `Buffer.read...`. */
  number(slot, format, missing = 0) {
    const at = this.place(slot);
    return at === undefined ? missing : Number(read(this.data, at, format));
  }

  flag(slot) {
    return this.number(slot, "UInt8") !== 0;
  }

  text(slot) {
    const at = this.target(slot);
    if (at === undefined) return undefined;
    const size = read(this.data, at, "UInt32LE");
    const bytes = this.data.subarray(at + 4, at + 4 + size);
    if (bytes.length < size) throw cut();
    const text = bytes.utf8Slice();
    if (!Buffer.from(text).equals(bytes)) {
      throw new Refusal("The schema has a text that is not UTF-8.");
    }
    return text;
  }

  table(slot) {
    const at = this.target(slot);
    return at === undefined ? undefined : new Table(this.data, at);
  }

  tables(slot) {
    return this.vector(slot).map(
      (at) => new Table(this.data, at + read(this.data, at, "UInt32LE")),
    );
  }

  numbers(slot) {
    return this.vector(slot).map((at) => read(this.data, at, "Int32LE"));
  }

  /** The offsets of the elements of a vector, of four bytes each. */
  vector(slot) {
    const at = this.target(slot);
    if (at === undefined) return [];
    const count = read(this.data, at, "UInt32LE");
    if (at + 4 + 4 * count > this.data.length) throw cut();
    return Array.from({ length: count }, (_, index) => at + 4 + 4 * index);
  }

  place(slot) {
    const entry = 4 + 2 * slot;
    if (entry + 2 > this.size) return undefined;
    const offset = read(this.data, this.vtable + entry, "UInt16LE");
    return offset === 0 ? undefined : this.at + offset;
  }

  target(slot) {
    const at = this.place(slot);
    return at === undefined ? undefined : at + read(this.data, at, "UInt32LE");
  }
}

function read(data, at, format) {
  try {
    return data[`read${format}`](at);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw cut();
  }
}

function cut() {
  return new Refusal("The schema has an offset beyond its bytes.");
}
