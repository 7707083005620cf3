// Reads a line of JSON for each thing to do, and writes one with what came of it.
import { createInterface } from "node:readline";

const write = process.stdout.write.bind(process.stdout);
console.log = console.error; // only answers go to standard output
globalThis.AI_SDK_LOG_WARNINGS = false;

function failure(error) {
  const { status, statusCode, code, type, param, requestID, isRetryable } = error;
  const fields = { status: status ?? statusCode, code, type, param, requestID, isRetryable };
  return { kind: error.name === "Error" ? error.constructor.name : error.name,
           message: error.message, ...fields };
}

/** Serves cases by their names; each is a function of what its line holds. */
export async function serve(cases) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { case: name, ...given } = JSON.parse(line);
    let answer;
    try {
      answer = { ok: (await cases[name](given)) ?? null };
    } catch (error) {
      answer = { error: failure(error) };
    }
    write(JSON.stringify(answer) + "\n");
  }
}
