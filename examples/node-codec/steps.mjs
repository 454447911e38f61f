/** What each opcode does to the stack and the memo: a step takes a walker and an argument. */
import { Refusal } from "./refusal.mjs";
import { Opaque, Tuple } from "./walker.mjs";

const HIGHEST_PROTOCOL = 5;
const ESCAPES = { n: "\n", r: "\r", t: "\t" };

const ascii = (line) => line.latin1Slice();
const numberIn = (line) => parseInt(ascii(line), 10);
const literal = (walker, argument) => walker.push(argument);
const object = (kind) => (walker) => walker.push(new Opaque(kind));
const objectFromMark = (kind) => (walker) => {
  walker.popMark();
  walker.push(new Opaque(kind));
};
/** Take values from the stack, and leave the object beneath them. */
const intoObject = (count) => (walker) => {
  for (let left = count; left > 0; left -= 1) walker.pop();
  walker.top();
};
const intoObjectFromMark = (walker) => {
  walker.popMark();
  walker.top();
};
const tupleOf = (count) => (walker) => {
  const items = Array.from({ length: count }, () => walker.pop());
  walker.push(new Tuple(items.reverse()));
};
const sameFor = (names, step) => Object.fromEntries(names.map((name) => [name, step]));

/** An opcode that is not here needs more than a pickle: a registry, or objects beside it. */
export const STEPS = {
  PROTO: (_, version) => {
    if (version > HIGHEST_PROTOCOL) throw new Refusal(`The pickle has protocol ${version}.`);
  },
  FRAME: () => undefined,
  STOP: () => undefined,
  MARK: (walker) => walker.mark(),
  POP: (walker) => walker.drop(),
  POP_MARK: (walker) => walker.popMark(),
  DUP: (walker) => walker.push(walker.top()),

  NONE: (walker) => walker.push(null),
  ...sameFor(["INT", "LONG", "BININT", "BININT1", "BININT2", "LONG1", "LONG4"], object("int")),
  ...sameFor(["FLOAT", "BINFLOAT"], object("float")),
  ...sameFor(["NEWTRUE", "NEWFALSE"], object("bool")),
  ...sameFor(["BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"], literal),
  ...sameFor(["BINBYTES", "SHORT_BINBYTES", "BINBYTES8"], literal),
  ...sameFor(["BINSTRING", "SHORT_BINSTRING"], (walker, bytes) => walker.push(ascii(bytes))),
  STRING: (walker, line) => walker.push(unquote(ascii(line))),
  UNICODE: (walker, line) => walker.push(unescapeRaw(ascii(line))),
  BYTEARRAY8: object("bytearray"),

  EMPTY_TUPLE: tupleOf(0),
  TUPLE1: tupleOf(1),
  TUPLE2: tupleOf(2),
  TUPLE3: tupleOf(3),
  TUPLE: (walker) => walker.push(new Tuple(walker.popMark())),
  EMPTY_LIST: object("list"),
  EMPTY_DICT: object("dict"),
  EMPTY_SET: object("set"),
  LIST: objectFromMark("list"),
  DICT: objectFromMark("dict"),
  FROZENSET: objectFromMark("frozenset"),
  APPEND: intoObject(1),
  SETITEM: intoObject(2),
  BUILD: intoObject(1),
  ...sameFor(["APPENDS", "SETITEMS", "ADDITEMS"], intoObjectFromMark),

  MEMOIZE: (walker) => walker.put(walker.memo.size),
  PUT: (walker, line) => walker.put(numberIn(line)),
  ...sameFor(["BINPUT", "LONG_BINPUT"], (walker, key) => walker.put(key)),
  GET: (walker, line) => walker.get(numberIn(line)),
  ...sameFor(["BINGET", "LONG_BINGET"], (walker, key) => walker.get(key)),

  GLOBAL: (walker, [module, name]) =>
    walker.push(walker.refer(module.utf8Slice(), name.utf8Slice())),
  STACK_GLOBAL: (walker) => {
    const name = walker.pop();
    walker.push(walker.refer(walker.pop(), name));
  },
  INST: (walker, [module, name]) => {
    walker.refer(module.utf8Slice(), name.utf8Slice());
    objectFromMark("call")(walker);
  },
  OBJ: objectFromMark("call"),
  ...sameFor(["REDUCE", "NEWOBJ"], (walker) => walker.call()),
  NEWOBJ_EX: (walker) => {
    walker.pop();
    walker.call();
  },
};

/** Protocol 0 writes what is not Latin-1, and a newline, as \uXXXX or \UXXXXXXXX. */
function unescapeRaw(line) {
  return line.replace(/\\u([0-9a-f]{4})|\\U([0-9a-f]{8})/gi, (_, four, eight) => {
    const point = parseInt(four ?? eight, 16);
    if (point > 0x10ffff) throw new Refusal("The pickle has a text with no such character.");
    return String.fromCodePoint(point);
  });
}

/** A text in quotes, as Python 2 wrote it. */
function unquote(line) {
  const [, , inner] = /^(['"])(.*)\1$/s.exec(line.trim()) ?? [];
  if (inner === undefined) throw new Refusal("The pickle has a string without quotes.");
  return inner.replace(/\\(?:x([0-9a-f]{2})|(.))/gis, (_, hex, other) =>
    hex ? String.fromCharCode(parseInt(hex, 16)) : (ESCAPES[other] ?? other),
  );
}
