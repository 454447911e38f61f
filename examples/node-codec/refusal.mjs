/** An error with which a decoder refuses bytes; `kind` is the engine's class of error. */
export class Refusal extends Error {
  constructor(message, kind = "Execution") {
    super(message);
    this.kind = kind;
  }
}
