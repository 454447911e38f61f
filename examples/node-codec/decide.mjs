/** Decide whether a session decodes bytes: the rules for frames, envelopes and names. */
import { isBuiltin } from "./builtins.mjs";
import { listCalls } from "./calls.mjs";
import { isEnvelope, readEnvelope } from "./envelope.mjs";
import { checkPython, familyOf, readFrame } from "./frame.mjs";
import { readDefinition } from "./payload.mjs";
import { Refusal } from "./refusal.mjs";

/** Throw a `Refusal` unless the session decodes the bytes. */
export function decide(artifact, data, session) {
  const byName = listCalls(artifact, data).filter(
    (call) => !decodeDefinition(call, call.definition, session, session.codecs),
  );
  for (const call of byName) resolve(call, session);
}

/** Whether a definition holds the UDF; `false` if nobody knows its bytes. */
function decodeDefinition(call, definition, session, codecs) {
  if (definition === undefined) return false;
  if (familyOf(definition) === call.family) {
    decodeFrame(call, definition, session);
    return true;
  }
  if (!isEnvelope(definition)) return false;
  const { codecId, payload } = readEnvelope(definition);
  if (!codecs.includes(codecId)) throw notInstalled(call, codecId, codecs);
  // Each codec is a session without codecs of its own, and without UDFs. It may be stricter
  // than the session that asks it, and never less strict.
  if (!decodeDefinition(call, payload, session, [])) throw unresolved(call);
  return true;
}

/** The header comes first, then what the session allows, then the payload. */
function decodeFrame(call, definition, session) {
  const frame = readFrame(call.family, definition);
  checkPython(frame, session.python);
  if (!session.inlining) throw inliningDisabled(call);
  readDefinition(frame);
}

/** A definition of which nobody knows the bytes is never one of a built-in function. */
function resolve(call, { registered }) {
  const { family, name, definition } = call;
  if (registered.some((one) => one[0] === family && one[1] === name)) return;
  if (definition === undefined && isBuiltin(family, name)) return;
  throw unresolved(call);
}

function inliningDisabled({ family, name }) {
  return new Refusal(
    `Refusing to load the inline Python ${family} UDF '${name}': inlining is disabled on this ` +
      "session. Either ask the sender to re-encode with inlining disabled, so that the UDF " +
      `travels by name, and register '${name}' on this receiver; or enable inlining on this ` +
      "receiver, and accept the risk of running code from the bytes.",
  );
}

function unresolved({ family, name }) {
  return new Refusal(`There is no ${family} UDF named '${name}' on this session.`);
}

function notInstalled({ family }, codecId, codecs) {
  const installed =
    codecs.length > 0
      ? `installed: ${codecs.join(", ")}`
      : "no extension codecs are installed on this session";
  const article = family === "aggregate" ? "an" : "a";
  const hint = codecId.startsWith("anon:")
    ? " It was written by a codec that was installed as a bare PyCapsule, whose id differs on " +
      "every session. Pass `codec_id=` when installing it."
    : "";
  return new Refusal(
    `${article} ${family} UDF was encoded by extension codec '${codecId}', which is not ` +
      `installed on this session (${installed}).${hint}`,
  );
}
