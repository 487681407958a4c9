import { expect, it } from "vitest";
import { incidentCases } from "../../../support/incident-cases.ts";
import { decideNow, statusAfter } from "../../../support/snapshots.ts";

it("tells once that a release is not started beside a stable version that is beyond a limit", () => {
  const { world } = incidentCases.reportHold;
  const status = statusAfter(world);
  expect(status.conditions).toContainEqual(
    expect.objectContaining({ type: "AnalysisPassed", reason: "StableBeyondLimit" }),
  );
  expect(decideNow({ ...world, status })).toMatchObject({
    kind: "Converge",
    actions: [],
    message: expect.stringMatching(/^not started: stable itself is beyond the limit of error-rate/),
  });
});
