/** A codec for `dfpy-conformance run --subject-command 'node examples/node-codec/codec.mjs'`. */
import { OPERATIONS } from "./operations.mjs";
import { serve } from "./server.mjs";

await serve(OPERATIONS);
