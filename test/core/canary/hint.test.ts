import { expect, it } from "vitest";
import { hint, hintOrAbort } from "../../../src/core/canary/hint.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { aSnapshot, now } from "../../support/snapshots.ts";

it("names the command with the Canary and its namespace, ready to be typed", () => {
  expect(hint(assessSituation(aSnapshot(), now), "resume")).toBe("serin resume web -n shop");
});

it("names the way out too, quoted for a shell", () => {
  expect(hintOrAbort(assessSituation(aSnapshot(), now), "promote")).toBe(
    'serin promote web -n shop, or take the release off with: serin abort web -n shop --reason "<why>"',
  );
});
