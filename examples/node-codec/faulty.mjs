/**
 * The codec with one wrong rule: `node examples/node-codec/faulty.mjs FAULT`.
 *
 * Each fault wraps an operation of the right codec. The suite must find it.
 */
import { MESSAGES, ROOTS } from "./messages.mjs";
import { NEAR_MISSES } from "./near-misses.mjs";
import { OPERATIONS } from "./operations.mjs";
import { serve } from "./server.mjs";
import { readTree, writeTree } from "./tree.mjs";

const { decide, wrap, unwrap } = OPERATIONS;
const accept = { decision: "accept", unpickled: false };

const FAULTS = {
  /** Accept a frame of another Python, as if pickles were portable. */
  "minor-version": {
    decide: (command) => {
      const reply = decide(command);
      return reply.message?.includes("running Python") ? accept : reply;
    },
  },
  /** Refuse on a strict session without the name of the UDF. */
  "strict-name": {
    decide: (command) => {
      const reply = decide(command);
      const isStrict = reply.message?.includes("inlining is disabled");
      return isStrict ? { ...reply, message: reply.message.replace(/'.*?'/g, "") } : reply;
    },
  },
  /** Decode inline frames on a strict session. */
  strict: {
    decide: ({ session, ...command }) =>
      decide({ ...command, session: { ...session, inlining: true } }),
  },
  /** Take a registered UDF of the name in the place of a frame that is refused. */
  registered: {
    decide: (command) => {
      const reply = decide(command);
      const isUnresolved = reply.message?.startsWith("There is no");
      return command.session.registered.length > 0 && !isUnresolved ? accept : reply;
    },
  },
  /** Write and read the length of an envelope's id with the big end first. */
  length: {
    wrap: (command) => swapped(wrap(command)),
    unwrap: (command) => unwrap(swapped(command)),
  },
  /** Write back only what the codec knows: drop the fields of the messages that it does not. */
  tail: {
    "write-back": ({ artifact, data }) => {
      const tree = readTree(Buffer.from(data, "base64"));
      dropUnknown(tree, ROOTS[artifact]);
      return { data: writeTree(tree).toString("base64") };
    },
  },
  /** Count the bytes of a frame without its header. */
  size: {
    "take-apart": (command) => {
      const { frames, envelopes } = OPERATIONS["take-apart"](command);
      return { frames: frames.map((frame) => ({ ...frame, size: frame.size - 10 })), envelopes };
    },
  },
  ...NEAR_MISSES,
};

function swapped({ data, ...rest }) {
  const bytes = Buffer.from(data, "base64");
  bytes.subarray(8, 12).reverse();
  return { ...rest, data: bytes.toString("base64") };
}

function dropUnknown(tree, name) {
  const types = MESSAGES.get(name)?.types;
  if (types === undefined) return;
  tree.fields = tree.fields.filter(({ number }) => types.has(number));
  for (const { content, number } of tree.fields) {
    if (content?.fields) dropUnknown(content, types.get(number));
  }
}

const fault = FAULTS[process.argv[2]];
if (fault === undefined) {
  console.error(`expected a fault, one of: ${Object.keys(FAULTS).join(", ")}`);
  process.exit(2);
}
await serve({ ...OPERATIONS, ...fault });
