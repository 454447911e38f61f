/** The stack, the memo and the globals of an unpickler that runs nothing. */
import { Refusal } from "./refusal.mjs";

const MARK = Symbol("mark");
const BYTES_TYPES = ["builtins.bytes", "__builtin__.bytes"];

export class Tuple {
  constructor(items) {
    this.items = items;
  }
}

/** An object of which only the kind is known; `name` is that of a global. */
export class Opaque {
  constructor(kind, name = "") {
    this.kind = kind;
    this.name = name;
  }

  /** Whether it may be callable once it is unpickled. */
  get mayBeCalled() {
    return this.kind === "global" || this.kind === "call";
  }
}

export class Walker {
  stack = [];
  memo = new Map();
  imports = new Set();

  push(value) {
    this.stack.push(value);
  }

  mark() {
    this.stack.push(MARK);
  }

  pop() {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) {
      throw new Refusal("The pickle takes more from its stack than is there.");
    }
    return value;
  }

  top() {
    const value = this.pop();
    this.push(value);
    return value;
  }

  /** Drop a value or a mark. */
  drop() {
    if (this.stack.pop() === undefined) throw new Refusal("The pickle drops nothing.");
  }

  popMark() {
    const at = this.stack.lastIndexOf(MARK);
    if (at < 0) throw new Refusal("The pickle lacks a mark on its stack.");
    return this.stack.splice(at).slice(1);
  }

  put(key) {
    this.memo.set(key, this.top());
  }

  get(key) {
    if (!this.memo.has(key)) {
      throw new Refusal(`The pickle asks for memo ${key}, which it has not set.`);
    }
    this.push(this.memo.get(key));
  }

  /** Note a global; a "?" is a name that is known at run time only. */
  refer(module, name) {
    const parts = [module, name].map((part) => (typeof part === "string" ? part : "?"));
    this.imports.add(parts.join("."));
    return new Opaque("global", parts.join("."));
  }

  /** Replace a callable and its arguments by the result, which is known for bytes only. */
  call() {
    const args = this.pop();
    const called = this.pop();
    if (!(called instanceof Opaque && called.mayBeCalled)) {
      throw new Refusal("The pickle calls what cannot be called.");
    }
    this.push(bytesOf(called, args) ?? new Opaque("call"));
  }
}

/** Bytes as protocols 0 to 2 write them: a text in Latin-1 that the unpickler encodes. */
function bytesOf(called, args) {
  if (!(args instanceof Tuple)) return undefined;
  const [text, encoding] = args.items;
  if (called.name === "_codecs.encode" && typeof text === "string" && encoding === "latin1") {
    return Buffer.from(text, "latin1");
  }
  const isEmpty = args.items.length === 0 && BYTES_TYPES.includes(called.name);
  return isEmpty ? Buffer.alloc(0) : undefined;
}
