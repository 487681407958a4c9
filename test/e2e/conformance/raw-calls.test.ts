/**
 * The conformance table on a real API server and on the embedded one. `RECORD_ANSWERS=1` writes down anew what the real
 * one answers; the embedded one is held to that by `npm test` as well.
 */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isMissing } from "../support/is-missing.ts";
import { openBareServer } from "./bare-server.ts";
import type { Answer } from "./case.ts";
import { expected, observed } from "./expectation.ts";
import { runCase } from "./run-case.ts";
import { openEmbeddedServer, openRealServer, type Server } from "./server.ts";
import { conformanceTable, defineWidgets, recordedAnswers, recordFile } from "./table.ts";

const isRecording = process.env["RECORD_ANSWERS"] !== undefined;

async function openReal(): Promise<Server> {
  const { adminKubeconfig } = await openBareServer();
  return openRealServer(adminKubeconfig);
}

/** One line per answer, so that a change is seen where it is. */
function linesOf(answers: Readonly<Record<string, readonly Answer[]>>): string {
  const rows = Object.entries(answers).map(([what, row]) => {
    const lines = row.map((answer) => `  ${JSON.stringify(answer)}`);
    return `${JSON.stringify(what)}: [\n${lines.join(",\n")}\n]`;
  });
  return `{\n${rows.join(",\n")}\n}\n`;
}

describe.skipIf(isMissing()).each([
  { name: "the real API server", open: openReal },
  { name: "the embedded API server", open: async () => openEmbeddedServer() },
])("$name", ({ open }) => {
  let server: Server;
  const answers: Record<string, readonly Answer[]> = {};
  beforeAll(async () => {
    server = await open();
    await defineWidgets(server);
  });
  afterAll(async () => {
    if (isRecording && server.name === "real") writeFileSync(recordFile, linesOf(answers));
    await server?.close();
  });

  it.each(conformanceTable)("answers as the table says: $what", async (row) => {
    const exchanges = await runCase(server, row);
    answers[row.what] = exchanges.map(({ answer }) => answer);
    const recorded = isRecording ? answers : recordedAnswers();
    expect(observed(server.name, exchanges)).toEqual(
      expected(server.name, exchanges, recorded[row.what] ?? []),
    );
  });
});
