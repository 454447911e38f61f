/** What the codec offers to the suite: a function per operation, from a command to a reply. */
import { decide } from "./decide.mjs";
import { isEnvelope, readEnvelope, writeEnvelope } from "./envelope.mjs";
import { writeFrame } from "./frame.mjs";
import { takeApart } from "./records.mjs";
import { Refusal } from "./refusal.mjs";
import { readTree, writeTree } from "./tree.mjs";

const ARTIFACTS = ["expression", "logical", "physical"];

export const OPERATIONS = {
  hello: () => ({
    protocol: 1,
    name: "node-codec",
    version: "1.0.0",
    language: "JavaScript",
    operations: ["decide", "take-apart", "write-back", "write-frame", "envelopes"],
    artifacts: ARTIFACTS,
  }),
  decide: ({ artifact, data, session }) => {
    if (!ARTIFACTS.includes(artifact)) {
      throw new Error(`expected an artifact, found ${artifact}`);
    }
    try {
      decide(artifact, bytes(data), session);
      return { decision: "accept" };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // No payload is ever unpickled here: there is no Python.
      const { kind, message } = error;
      return { decision: "refuse", kind, message, unpickled: false };
    }
  },
  "take-apart": ({ data }) => takeApart(bytes(data)),
  "write-back": ({ data }) => base64(writeTree(readTree(bytes(data)))),
  "write-frame": ({ family, python, payload }) =>
    base64(writeFrame({ family, python, payload: bytes(payload) })),
  wrap: ({ codec_id: codecId, payload }) =>
    base64(writeEnvelope({ codecId, payload: bytes(payload) })),
  unwrap: ({ data }) => {
    if (!isEnvelope(bytes(data))) {
      throw new Error("The bytes do not begin with the magic of an envelope.");
    }
    const { codecId, payload } = readEnvelope(bytes(data));
    return { codec_id: codecId, payload: payload.toString("base64") };
  },
};

function bytes(text) {
  return Buffer.from(text, "base64");
}

function base64(data) {
  return { data: data.toString("base64") };
}
