import { expect, it } from "vitest";
import { mayRaise, mayRaiseNow, raisedFrom } from "../../../src/core/canary/raise-rule.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { known, missing } from "../../../src/core/fact.ts";
import { commanded } from "../../support/command-snapshots.ts";
import {
  aCheck,
  ago,
  aReleasing,
  errorRate,
  now,
  progressing,
  someRoutes,
  unreadable,
} from "../../support/snapshots.ts";

it.each([
  ["Pass", true],
  ["Inconclusive", true],
  ["Fail", false],
  ["NoData", false],
  ["Error", false],
] as const)("on a fresh check that says %s: %s", (verdict, holds) => {
  expect(mayRaise([aCheck({ verdict })]).holds).toBe(holds);
});

it("never holds on old numbers, nor on none", () => {
  expect(mayRaise([aCheck({ fresh: false })]).holds).toBe(false);
  expect(mayRaise([])).toEqual({ holds: false, because: "no metric has been read yet" });
});

it.each([
  [now, true],
  [now + 1, false],
])("asks for a check made since others changed the routes: %d", (since, holds) => {
  expect(mayRaise([aCheck({ at: now })], since).holds).toBe(holds);
  expect(mayRaise([aCheck({ at: undefined })], since).holds).toBe(false);
});

it("is not put on what was measured before the weight was found lowered", () => {
  const lowered = (seconds: number) => {
    const drift = { repairedAt: [ago(seconds)], manager: "argocd", seen: "" };
    const world = aReleasing(progressing(1, "confirmed", { status: { drift } }), {
      routes: known(someRoutes({ canaryWeight: 10 })),
      metrics: known([errorRate({ total: 100 }, { total: 900 }, { readAt: now - 10_000 })]),
    });
    return mayRaiseNow(assessSituation(world, now)).holds;
  };
  expect(lowered(10)).toBe(true);
  expect(lowered(9)).toBe(false);
});

it("gives no more traffic to what is suspected, though its stage was passed before", () => {
  const suspected = aCheck({ message: "held: evidence 7.1", isSuspected: true });
  expect(mayRaise([suspected])).toMatchObject({ holds: false });
  expect(mayRaise([aCheck({ verdict: "Inconclusive", isSuspected: true })]).holds).toBe(false);
});

it("asks every metric, and names the one that is in the way", () => {
  const slow = aCheck({ metric: "latency", verdict: "Error", message: "Timeout" });
  expect(mayRaise([aCheck(), slow])).toEqual({ holds: false, because: "latency: Timeout" });
});

const entered = commanded(progressing(2, "entered"));
const shifted = commanded(progressing(2, "shifted"), { raisedFrom: 25 });
const unread = { metrics: known([unreadable]) };

it.each([
  ["entered, at the weight before", entered, 25, true],
  ["entered, with less on the routes", entered, 24, false],
  ["shifted, from the weight before", shifted, 25, true],
  ["shifted, and lowered by somebody since", shifted, 24, false],
  ["shifted, and taken off since", shifted, 0, false],
  ["routed once", commanded(progressing(2, "routed"), { raisedFrom: 25 }), 25, false],
  ["entered on evidence", progressing(2, "entered"), 25, false],
] as const)(
  "takes a command for a fresh check in a stage %s: %#",
  (_, status, canaryWeight, holds) => {
    const routes = known(someRoutes({ canaryWeight }));
    const s = assessSituation(aReleasing(status, { ...unread, routes }), now);
    expect(mayRaiseNow(s).holds).toBe(holds);
  },
);

it("remembers from which weight a command raises, and from none where nobody commanded", () => {
  const at = (status: typeof entered) => raisedFrom(assessSituation(aReleasing(status), now));
  expect(at(entered)).toEqual({ raisedFrom: 25 });
  expect(at(progressing(2, "entered"))).toEqual({});
});

it("never holds without a primary, whoever asks", () => {
  const primary = missing("PrimaryNotFound", "it is gone");
  for (const status of [entered, progressing(2, "entered")]) {
    const world = aReleasing(status, { primary });
    expect(mayRaiseNow(assessSituation(world, now))).toEqual({
      holds: false,
      because: "it is gone",
    });
  }
});
