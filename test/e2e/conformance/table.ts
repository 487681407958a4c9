/** The whole table, and what a real API server answered to it when that was last recorded. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { widgetDefinition } from "../../support/api-server-fixtures.ts";
import { type ConformanceCase, get, post } from "./case.ts";
import { patchCases } from "./cases/patches.ts";
import { readCases } from "./cases/reads.ts";
import { schemaCases } from "./cases/schemas.ts";
import { writeCases } from "./cases/writes.ts";
import { settled } from "./run-case.ts";
import type { Server } from "./server.ts";

export const conformanceTable: readonly ConformanceCase[] = [
  ...writeCases,
  ...patchCases,
  ...schemaCases,
  ...readCases,
];

export const recordFile = fileURLToPath(new URL("real-answers.json", import.meta.url));

const Answers = z.array(
  z.object({ code: z.number(), warnings: z.array(z.string()), body: z.unknown() }),
);
const Recorded = z.record(z.string(), Answers);

export function recordedAnswers() {
  return Recorded.parse(JSON.parse(readFileSync(recordFile, "utf8")));
}

/** Defines the custom resource that the cases write. */
export async function defineWidgets(server: Server): Promise<void> {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await settled(server, post(definitions, widgetDefinition, { code: 201 }), "");
  await settled(server, get("/apis/test.dev/v1/widgets", { code: 200, isEventual: true }), "");
}
