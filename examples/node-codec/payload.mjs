/** The payload of a frame: the pickled tuple that defines a UDF. */
import { readPickle } from "./pickle.mjs";
import { Refusal } from "./refusal.mjs";
import { readSchema } from "./schema.mjs";
import { Opaque, Tuple } from "./walker.mjs";

const SIMPLE = ["name", "callable", "inputs", "returns", "volatility"];
const MEMBERS = {
  scalar: SIMPLE,
  aggregate: ["name", "callable", "inputs", "returns", "state", "volatility"],
  window: SIMPLE,
};
const SCHEMAS = ["inputs", "returns", "state"];
const VOLATILITIES = ["immutable", "stable", "volatile"];

/** The definition in a payload, with its schemas read. */
export function readDefinition({ family, payload }) {
  const pickle = readPickle(payload);
  if (pickle.size < payload.length) {
    throw new Refusal(`${payload.length - pickle.size} bytes follow the pickle.`);
  }
  const members = namedMembers(family, pickle.value);
  const { name, callable, volatility } = members;
  if (typeof name !== "string") throw wrongMember("name", "a text");
  if (!(callable instanceof Opaque && callable.mayBeCalled)) {
    throw wrongMember("callable", "an object that can be called");
  }
  if (!VOLATILITIES.includes(volatility)) {
    throw wrongMember("volatility", VOLATILITIES.join(", "));
  }
  const schemas = {};
  for (const schema of SCHEMAS.filter((key) => key in members)) {
    if (!Buffer.isBuffer(members[schema])) throw wrongMember(schema, "bytes");
    schemas[schema] = readSchema(members[schema]);
  }
  if (schemas.returns.length !== 1) {
    throw new Refusal(`Expected one field in the return schema, found ${schemas.returns.length}.`);
  }
  return { name, volatility, ...schemas, imports: pickle.imports };
}

function namedMembers(family, value) {
  const names = MEMBERS[family];
  if (!(value instanceof Tuple)) {
    throw new Refusal(`The payload of a ${family} UDF is no pickled tuple.`);
  }
  if (value.items.length !== names.length) {
    throw new Refusal(
      `Expected ${names.length} members in the tuple of a ${family} UDF, found ` +
        `${value.items.length}.`,
    );
  }
  return Object.fromEntries(names.map((name, index) => [name, value.items[index]]));
}

function wrongMember(name, expected) {
  return new Refusal(`The ${name} in the payload is of a wrong type: expected ${expected}.`);
}
