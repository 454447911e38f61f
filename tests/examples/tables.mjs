/** Print the tables of examples/node-codec in the form of golden/functions.json and messages.json. */
import { NAMES } from "../../examples/node-codec/builtins.mjs";
import { CALLS, MESSAGES, ROOTS } from "../../examples/node-codec/messages.mjs";

const messages = [...MESSAGES].map(([name, { types, required, isChoice }]) => [
  name,
  {
    ...(isChoice ? { choice: true } : {}),
    fields: Object.fromEntries(types),
    ...(required.length > 0 ? { required } : {}),
  },
]);
const functions = Object.entries(NAMES).map(([family, names]) => [
  family,
  names.trim().split(/\s+/).sort(),
]);
console.log(
  JSON.stringify({
    "functions.json": Object.fromEntries(functions),
    "messages.json": {
      artifacts: ROOTS,
      calls: CALLS,
      messages: Object.fromEntries(messages),
    },
  }),
);
