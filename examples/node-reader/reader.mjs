/**
 * Read the golden vectors and the negative vectors, and compare with what the JSON says.
 *
 *     node examples/node-reader/reader.mjs [STORE]
 *
 * The last line is a summary. The exit code is 0 without and 1 with a difference.
 */
import { run } from "./comparison.mjs";
import * as rules from "./rules.mjs";

process.exitCode = run(rules, process.argv[2]);
