/** Protobuf without a schema: read the fields of any message, and write them again. */

export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const GROUP = 3;
export const FIXED32 = 5;
const GROUP_END = 4;
const MAX_DEPTH = 100;
/** A message of more fields is not listed: its list would take hundreds of bytes a field. */
const MAX_FIELDS = 1_000_000;
const NOTHING = Buffer.alloc(0);

/**
 * The fields of a message, or `null` if the bytes are none.
 *
 * A field has its number, its wire type and its bytes, which are views: `head` (the tag and,
 * if it is delimited, the length), `value`, and `tail` (the end tag of a group). A group also
 * has its `fields`.
 */
export function readFields(data) {
  const cursor = { data, at: 0, tagAt: 0 };
  return listFields(cursor, 0, 0);
}

function listFields(cursor, group, depth) {
  const { data } = cursor;
  const fields = [];
  while (cursor.at < data.length) {
    const from = cursor.at;
    const tag = readVarint(cursor);
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (!(tag < 2 ** 32) || number === 0) return null;
    if (wire === GROUP_END) {
      cursor.tagAt = from;
      return number === group ? fields : null;
    }
    let start = cursor.at;
    let inner;
    if (wire === VARINT) {
      if (Number.isNaN(readVarint(cursor))) return null;
    } else if (wire === FIXED64) {
      cursor.at += 8;
    } else if (wire === FIXED32) {
      cursor.at += 4;
    } else if (wire === DELIMITED) {
      const size = readVarint(cursor);
      start = cursor.at;
      cursor.at += size;
    } else if (wire === GROUP && depth < MAX_DEPTH) {
      inner = listFields(cursor, number, depth + 1);
      if (inner === null) return null;
    } else {
      return null;
    }
    if (!(cursor.at <= data.length) || fields.length === MAX_FIELDS) return null;
    const end = wire === GROUP ? cursor.tagAt : cursor.at;
    fields.push({
      number,
      wire,
      head: data.subarray(from, start),
      value: data.subarray(start, end),
      tail: wire === GROUP ? data.subarray(end, cursor.at) : NOTHING,
      fields: inner,
    });
  }
  return group === 0 ? fields : null;
}

/** The number at the cursor; `NaN` if it is cut short or longer than ten bytes. */
function readVarint(cursor) {
  const { data } = cursor;
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count += 1) {
    const byte = data[cursor.at];
    if (byte === undefined) return NaN;
    cursor.at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  return NaN;
}

/** The bytes of a field with this value. A field that has not grown or shrunk keeps its head. */
export function writeField(field, value) {
  const { number, wire, head, tail } = field;
  if (wire !== DELIMITED || value.length === field.value.length) {
    return [head, value, tail];
  }
  return [varint(number * 8 + wire), varint(value.length), value];
}

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
