/**
 * Wrong rules that are right for every golden: they differ from the right rule in rare bytes.
 *
 * Each wraps an operation of the right codec, as those of `faulty.mjs` do.
 */
import { listCalls } from "./calls.mjs";
import { OPERATIONS } from "./operations.mjs";
import { readTree, writeTree } from "./tree.mjs";

const { decide } = OPERATIONS;
const takeApart = OPERATIONS["take-apart"];
const writeFrame = OPERATIONS["write-frame"];
const accept = { decision: "accept", unpickled: false };

/** Wrong comparisons of an installed codec id with that of an envelope. */
const SIMILAR = {
  "id-part": (installed, sent) => installed.startsWith(sent) || sent.startsWith(installed),
  "id-case": (installed, sent) => installed.toLowerCase() === sent.toLowerCase(),
  "id-trim": (installed, sent) => installed === sent.trim(),
  "id-nul": (installed, sent) => installed === sent.split("\0")[0],
  "id-form": (installed, sent) => installed.normalize() === sent.normalize(),
};
/** Wrong comparisons of the sender's Python with the receiver's. */
const PYTHONS = {
  "python-start": (sender, receiver) => receiver.startsWith(sender),
  "python-digits": (sender, receiver) => sender.replace(".", "") === receiver.replace(".", ""),
};
/** Wrong texts of types. */
const TEXTS = {
  ordered: (text) => text.replaceAll("ordered=1", "ordered=0"),
  "inner-metadata": (text) => text.replace(/ \{.*?\}/g, ""),
  "metadata-order": (text) =>
    text.replace(/\{(.*?)\}/g, (_, pairs) => `{${pairs.split(", ").reverse().join(", ")}}`),
  "bare-names": (text) => text.replace(/"([^"]*)": (?=[a-z])/g, "$1: "),
  "index-type": (text) => text.replace(/indices=\w+/, "indices=int32"),
  "keys-sorted": (text) => text.replace(", keys_sorted", ""),
  "never-null": (text) => text.replaceAll(" not null", ""),
  "quoted-names": (text) => text.replace(/([\w.-]*[.-][\w.-]*): /g, '"$1": '),
  "bare-zones": (text) => text.replace(/tz="(.*)"/, "tz=$1"),
  scale: (text) => text.replace(", -", ", "),
  "type-codes": (text) => text.replace(/=5/, "=0").replace(/=9/, "=1"),
};

export const NEAR_MISSES = {
  ...mapped(SIMILAR, (isSimilar) => ({
    decide: (command) => {
      const { codecs } = command.session;
      const [, sent] = /codec '(.*)', which/s.exec(decide(command).message) ?? [];
      const isKnown = codecs.some((installed) => sent !== undefined && isSimilar(installed, sent));
      return onSession(command, isKnown ? { codecs: [...codecs, sent] } : {});
    },
  })),
  ...mapped(PYTHONS, (isSame) => ({
    decide: (command) => {
      const [, sender] = /on Python (\S+)/.exec(decide(command).message) ?? [];
      const isEqual = sender !== undefined && isSame(sender, command.session.python);
      return onSession(command, isEqual ? { python: sender } : {});
    },
  })),
  ...mapped(TEXTS, (change) => ({
    "take-apart": (command) => {
      const reply = takeApart(command);
      for (const { inputs } of reply.frames) {
        for (const field of inputs) field.type = change(field.type);
      }
      return reply;
    },
  })),
  /** Check the sender's Python before the wire version. */
  "python-first": {
    decide: (command) => {
      const data = bytesOf(command);
      const at = data.indexOf("DFPYUD") + 7;
      if (at > 7 && at < data.length) data[at] = 1;
      const reply = decide({ ...command, data: data.toString("base64") });
      return reply.message?.includes("running Python") ? reply : decide(command);
    },
  },
  /** Do not look at what is deeper than sixty messages. */
  deep: {
    decide: (command) => acceptIf(command, () => depthOf(readTree(bytesOf(command))) > 60),
  },
  /** Look at the first call and at no other. */
  first: {
    decide: (command) =>
      acceptIf(command, () => {
        const [call] = listCalls(command.artifact, bytesOf(command));
        return call.definition === undefined && isRegistered(call, command.session);
      }),
  },
  /** Let the codec of an envelope have the codecs and the UDFs of the session. */
  inherits: {
    decide: (command) => {
      const { codecs, registered } = command.session;
      const { message } = decide(command);
      const [, inner] = /codec '(.*)', which/s.exec(message) ?? [];
      const isUnresolved = message?.startsWith("There is no") && registered.length > 0;
      const isOuter = codecs.includes(inner) || (codecs.length > 0 && isUnresolved);
      return isOuter ? accept : decide(command);
    },
  },
  /** Write the minor version of Python in four bits. */
  nibble: {
    "write-frame": (command) => {
      const data = Buffer.from(writeFrame(command).data, "base64");
      data[9] %= 16;
      return { data: data.toString("base64") };
    },
  },
  /** Drop fields of large numbers on writing back. */
  numbers: {
    "write-back": (command) => {
      const tree = readTree(bytesOf(command));
      dropLarge(tree);
      return { data: writeTree(tree).toString("base64") };
    },
  },
};

function mapped(rules, faultOf) {
  return Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, faultOf(rule)]));
}

function onSession({ session, ...command }, changes) {
  return decide({ ...command, session: { ...session, ...changes } });
}

function bytesOf({ data }) {
  return Buffer.from(data, "base64");
}

/** Accept what is refused for a call in it, if the fault does not see the call. */
function acceptIf(command, isHidden) {
  const reply = decide(command);
  const isOfCall = /inlining is disabled|^There is no/.test(reply.message);
  return isOfCall && isHidden() ? accept : reply;
}

function isRegistered({ family, name }, { registered }) {
  return registered.some((one) => one[0] === family && one[1] === name);
}

function depthOf(tree) {
  const inner = tree.fields.map(({ content }) => (content?.fields ? depthOf(content) : 0));
  return 1 + Math.max(0, ...inner);
}

function dropLarge(tree) {
  tree.fields = tree.fields.filter(({ number }) => number < 2000);
  for (const { content } of tree.fields) if (content?.fields) dropLarge(content);
}
