/** The opcodes of pickles of protocols 0 to 5, one after another, with their arguments. */
import { Refusal } from "./refusal.mjs";

/**
 * Each opcode: its byte, its name, the kind of its argument.
 *
 * A kind is a number of bytes, `u1`, `u2`, `u4`, `u8` and `i4` (numbers), `b1`, `b4`, `b8`
 * (bytes behind their length), `t1`, `t4`, `t8` (UTF-8 behind its length), `line`, `lines`
 * (two lines).
 */
const TABLE = `
  28 MARK        2e STOP          30 POP           31 POP_MARK      32 DUP
  46 FLOAT line  49 INT line      4a BININT i4     4b BININT1 u1    4c LONG line
  4d BININT2 u2  4e NONE          50 PERSID line   51 BINPERSID     52 REDUCE
  53 STRING line 54 BINSTRING b4  55 SHORT_BINSTRING b1             56 UNICODE line
  58 BINUNICODE t4                61 APPEND        62 BUILD         63 GLOBAL lines
  64 DICT        7d EMPTY_DICT    65 APPENDS       67 GET line      68 BINGET u1
  69 INST lines  6a LONG_BINGET u4                 6c LIST          5d EMPTY_LIST
  6f OBJ         70 PUT line      71 BINPUT u1     72 LONG_BINPUT u4
  73 SETITEM     74 TUPLE         29 EMPTY_TUPLE   75 SETITEMS      47 BINFLOAT 8
  80 PROTO u1    81 NEWOBJ        82 EXT1 u1       83 EXT2 u2       84 EXT4 u4
  85 TUPLE1      86 TUPLE2        87 TUPLE3        88 NEWTRUE       89 NEWFALSE
  8a LONG1 b1    8b LONG4 b4      42 BINBYTES b4   43 SHORT_BINBYTES b1
  8c SHORT_BINUNICODE t1          8d BINUNICODE8 t8                 8e BINBYTES8 b8
  8f EMPTY_SET   90 ADDITEMS      91 FROZENSET     92 NEWOBJ_EX     93 STACK_GLOBAL
  94 MEMOIZE     95 FRAME u8      96 BYTEARRAY8 b8 97 NEXT_BUFFER
  98 READONLY_BUFFER`;

const OPCODES = new Array(256);
for (const [, byte, name, kind] of TABLE.matchAll(
  /([0-9a-f]{2}) ([A-Z][A-Z_0-9]+)(?: ([a-z0-9]+))?/g,
)) {
  OPCODES[parseInt(byte, 16)] = { name, kind };
}
const SURROGATE = /\xed[\xa0-\xbf][\x80-\xbf]/g;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Yield `[name, argument]` up to STOP; return the offset behind it. Nothing is run. */
export function* readOpcodes(data) {
  const cursor = { data, at: 0 };
  for (;;) {
    const opcode = OPCODES[take(cursor, 1)[0]];
    if (opcode === undefined) {
      throw new Refusal(`The pickle has an unknown opcode at byte ${cursor.at - 1}.`);
    }
    const argument = readArgument(cursor, opcode.kind);
    if (opcode.name === "FRAME" && argument > data.length - cursor.at) cutShort(data);
    yield [opcode.name, argument];
    if (opcode.name === "STOP") return cursor.at;
  }
}

function readArgument(cursor, kind) {
  if (kind === undefined) return undefined;
  if (kind === "8") return take(cursor, 8);
  if (kind === "line") return takeLine(cursor);
  if (kind === "lines") return [takeLine(cursor), takeLine(cursor)];
  const size = Number(kind[1]);
  if (kind === "i4") return take(cursor, 4).readInt32LE();
  const number =
    size === 8 ? Number(take(cursor, 8).readBigUInt64LE()) : take(cursor, size).readUIntLE(0, size);
  if (kind[0] === "u") return number;
  const bytes = take(cursor, number);
  return kind[0] === "t" ? decodeText(bytes) : bytes;
}

function take(cursor, size) {
  const end = cursor.at + size;
  if (end > cursor.data.length) cutShort(cursor.data);
  const bytes = cursor.data.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

function cutShort(data) {
  throw new Refusal(`The pickle is cut short after ${data.length} bytes.`);
}

/** The bytes up to the end of the line. */
function takeLine(cursor) {
  const end = cursor.data.indexOf(0x0a, cursor.at);
  const size = (end < 0 ? cursor.data.length : end) - cursor.at;
  const line = take(cursor, size);
  take(cursor, 1);
  return line;
}

/** Python lets lone surrogates pass, which JavaScript cannot decode: they become "?". */
function decodeText(bytes) {
  const text = bytes.utf8Slice();
  if (!text.includes("\ufffd")) return text;
  const paired = bytes.latin1Slice().replace(SURROGATE, "?");
  try {
    return utf8.decode(Buffer.from(paired, "latin1"));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Refusal("The pickle has a text that is not UTF-8.");
  }
}
