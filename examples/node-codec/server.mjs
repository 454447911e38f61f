/** Commands on stdin, replies on stdout: a JSON object a line, in the same order. */
import { once } from "node:events";

export async function serve(operations) {
  for await (const line of lines(process.stdin)) {
    const reply = JSON.stringify(answer(operations, line));
    if (!process.stdout.write(`${reply}\n`)) await once(process.stdout, "drain");
  }
}

/** The lines of a stream, however it is cut into chunks. */
async function* lines(stream) {
  stream.setEncoding("utf8");
  let parts = [];
  for await (const chunk of stream) {
    const [first, ...others] = chunk.split("\n");
    parts.push(first);
    for (const other of others) {
      yield parts.join("");
      parts = [other];
    }
  }
}

/** The reply to a line. What the program cannot do is a reply, too, and not its end. */
function answer(operations, line) {
  let id = null;
  try {
    const command = JSON.parse(line);
    id = command.id ?? null;
    const operation = Object.hasOwn(operations, command.op) && operations[command.op];
    if (!operation) throw new Error(`unknown operation ${command.op}`);
    return { id, ...operation(command) };
  } catch (error) {
    return { id, error: String(error.message ?? error) };
  }
}
