/** The reader with one wrong rule: `node examples/node-reader/faulty.mjs FAULT [STORE]`. */
import { run } from "./comparison.mjs";
import * as rules from "./rules.mjs";

const FAULTS = {
  /** Read frames of any Python. */
  python: {
    decide: (artifact, data, session, python) => {
      try {
        rules.decide(artifact, data, session, python);
      } catch (error) {
        if (!error.message.includes("running Python")) throw error;
      }
    },
  },
  /** Decode inline frames on a strict session. */
  strict: {
    decide: (artifact, data, session, python) =>
      rules.decide(artifact, data, { ...session, inlining: true }, python),
  },
  /** Stop at the first frame. */
  first: {
    takeApart: (artifact, data) => {
      const { frames, envelopes } = rules.takeApart(artifact, data);
      return { frames: frames.slice(0, 1), envelopes };
    },
  },
  /** Take every field as nullable. */
  nullable: {
    takeApart: (artifact, data) => {
      const { frames, envelopes } = rules.takeApart(artifact, data);
      for (const { returns } of frames) delete returns.nullable;
      return { frames, envelopes };
    },
  },
};

const [, , name, store] = process.argv;
if (!Object.hasOwn(FAULTS, name ?? "")) {
  console.error(`expected a fault, one of: ${Object.keys(FAULTS).join(", ")}`);
  process.exit(2);
}
process.exitCode = run({ ...rules, ...FAULTS[name] }, store);
