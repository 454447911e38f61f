/** Compare what rules make of a store with what its JSON says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { Refusal } from "./rules.mjs";

const STORE = fileURLToPath(new URL("../../golden", import.meta.url));
const SHOWN = 10;

/** Read a store with these rules, print what differs, and return the exit code. */
export function run({ takeApart, decide }, store = STORE) {
  const manifest = readJson(store, "manifest.json", 2);
  const negative = readJson(store, "negative/vectors.json", 1);
  const differences = [];
  let frames = 0;
  for (const golden of manifest.goldens) {
    const { layer = "expression" } = manifest.cases[golden.case];
    const expected = recordsOf(golden, manifest);
    frames += expected.frames.length;
    const found = takeApart(layer, readFileSync(join(store, golden.file)));
    differences.push(...compare(golden.file, expected, found));
  }
  for (const { id, artifact, data, session, do: expected } of negative.vectors) {
    const bytes = Buffer.from(data, "hex");
    const found = refusalOf(() => decide(artifact, bytes, session, negative.python));
    const decision = found === undefined ? "accept" : "refuse";
    if (decision !== expected) {
      differences.push(`${id}: expected ${expected}, found ${decision} (${found ?? "no error"})`);
    }
  }
  differences.slice(0, SHOWN).forEach((difference) => console.log(difference));
  const counts = `${manifest.goldens.length} goldens with ${frames} frames`;
  const result = differences.length === 0 ? "no difference" : `${differences.length} differences`;
  console.log(`${counts}, ${negative.vectors.length} negative vectors: ${result}`);
  return differences.length === 0 ? 0 : 1;
}

function readJson(store, name, schema) {
  const document = JSON.parse(readFileSync(join(store, name), "utf8"));
  if (document.schema === schema) return document;
  throw new Error(`${name}: expected schema ${schema}, found ${document.schema}`);
}

/** The whole records of a golden: what the goldens of its case share, and its own fields. */
function recordsOf(golden, { cases, import_sets: importSets }) {
  const merge = (kind, common) =>
    (golden[kind] ?? []).map((own, index) => ({
      ...common,
      ...cases[golden.case][kind]?.[index],
      ...own,
      ...(own.imports ? { imports: importSets[own.imports] } : {}),
    }));
  return { frames: merge("frames", { python: golden.python }), envelopes: merge("envelopes", {}) };
}

function* compare(file, expected, found) {
  for (const kind of ["frames", "envelopes"]) {
    if (found[kind].length !== expected[kind].length) {
      yield `${file}: expected ${expected[kind].length} ${kind}, found ${found[kind].length}`;
    }
    for (const [index, record] of expected[kind].entries()) {
      const other = found[kind][index] ?? {};
      for (const name of new Set([...Object.keys(record), ...Object.keys(other)])) {
        if (isDeepStrictEqual(record[name], other[name])) continue;
        const [said, seen] = [record[name], other[name]].map((value) => JSON.stringify(value));
        yield `${file}: ${kind}[${index}].${name}: expected ${said}, found ${seen}`;
      }
    }
  }
}

function refusalOf(work) {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}
