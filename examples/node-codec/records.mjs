/** The records of the frames and envelopes in bytes, as golden/manifest.json has them. */
import { createHash } from "node:crypto";
import { readDefinition } from "./payload.mjs";
import { fieldRecord } from "./schema.mjs";
import { found, readTree } from "./tree.mjs";

export function takeApart(data) {
  const frames = [];
  const envelopes = [];
  for (const one of found(readTree(data))) {
    if (one.broken) throw one.broken;
    const place = {
      offset: one.value.byteOffset - data.byteOffset,
      size: one.value.length,
      path: one.path,
    };
    if (one.frame) frames.push(frameRecord(place, one));
    else envelopes.push(envelopeRecord(place, one.envelope));
  }
  return { frames, envelopes };
}

function frameRecord(place, { frame, call }) {
  const { name, inputs, returns, state, volatility, imports } = readDefinition(frame);
  return {
    ...place,
    family: frame.family,
    version: frame.version,
    python: frame.python,
    call: call ?? null,
    name,
    inputs: inputs.map(fieldRecord),
    returns: fieldRecord(returns[0]),
    ...(state === undefined ? {} : { state: state.map(fieldRecord) }),
    volatility,
    imports,
    payload_sha256: sha256(frame.payload),
  };
}

function envelopeRecord(place, { version, codecId, payload }) {
  return { ...place, version, codec_id: codecId, payload_sha256: sha256(payload) };
}

function sha256(data) {
  return createHash("sha256").update(data).digest("hex");
}
