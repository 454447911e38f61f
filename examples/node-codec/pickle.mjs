/**
 * What a pickle makes, without running it.
 *
 * The walker keeps texts, bytes, `null` and tuples. Every other object, such as the result
 * of a call, is an `Opaque`: nothing is imported, built or called.
 */
import { readOpcodes } from "./opcodes.mjs";
import { byCodePoint } from "./order.mjs";
import { Refusal } from "./refusal.mjs";
import { STEPS } from "./steps.mjs";
import { Walker } from "./walker.mjs";

/** The object, the globals that it refers to, and how many bytes the pickle has. */
export function readPickle(data) {
  const walker = new Walker();
  const opcodes = readOpcodes(data);
  let next = opcodes.next();
  for (; !next.done; next = opcodes.next()) {
    const [name, argument] = next.value;
    const step = STEPS[name];
    if (step === undefined) {
      throw new Refusal(`The pickle needs what a receiver does not have: ${name}.`);
    }
    step(walker, argument);
  }
  return {
    value: walker.pop(),
    imports: [...walker.imports].sort(byCodePoint),
    size: next.value,
  };
}
