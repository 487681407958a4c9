import { expect, it } from "vitest";
import { restingMessage } from "../../../src/core/canary/resting-message.ts";
import { ago, failed, statuses } from "../../support/snapshots.ts";

const promoted = "web:2 is promoted and serves all traffic";
const rolled = "error-rate: 20 % of 100 requests";

it.each([
  ["initialized", "the primary serves all traffic; waiting for a new version"],
  ["succeeded", promoted],
  ["failing", `rolling back: ${rolled}`],
  ["failed", `rolled back: ${rolled}; the promoted version serves all traffic`],
  ["confirmed", "the release goes on"],
  ["restoring", "the promotion goes on"],
  ["finalising", "the promotion goes on"],
  ["creatingPrimary", "the spec is accepted"],
  ["new", "the spec is accepted"],
])("says where a Canary stands: %s", (name, message) => {
  expect(restingMessage(statuses[name] ?? {})).toBe(message);
});

it("says that traffic is off only once that was seen", () => {
  expect(restingMessage(failed({ drain: { startedAt: ago(9), routedAt: ago(8) } }))).toMatch(
    /^rolling back/,
  );
  const { drain: _, ...over } = failed();
  expect(restingMessage(over)).toMatch(/^rolled back/);
});
