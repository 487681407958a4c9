/** The embedded API server against what a real one was recorded to answer; test:e2e checks that it still does. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { expected, observed } from "../../e2e/conformance/expectation.ts";
import { runCase } from "../../e2e/conformance/run-case.ts";
import { openEmbeddedServer, type Server } from "../../e2e/conformance/server.ts";
import { conformanceTable, defineWidgets, recordedAnswers } from "../../e2e/conformance/table.ts";

/** Timers are due at a hundredth of their time: a watch that is to last seconds is not waited for. */
function hurriedClock(): Clock {
  const clock = createSystemClock();
  return { ...clock, setTimer: (ms, fire) => clock.setTimer(ms / 100, fire) };
}

describe("the embedded API server", () => {
  let server: Server;
  const recorded = recordedAnswers();
  beforeAll(async () => {
    server = openEmbeddedServer(hurriedClock());
    await defineWidgets(server);
  });
  afterAll(() => server.close());

  test.each(conformanceTable)("answers as the real one: $what", async (row) => {
    const exchanges = await runCase(server, row);
    expect(observed("embedded", exchanges)).toEqual(
      expected("embedded", exchanges, recorded[row.what] ?? []),
    );
  });

  test("was compared in every row", () => {
    expect(Object.keys(recorded).toSorted()).toEqual(
      conformanceTable.map(({ what }) => what).toSorted(),
    );
  });
});
