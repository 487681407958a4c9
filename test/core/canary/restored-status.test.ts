/** Statuses that speak of another time, as after a restored backup: nothing is raised, copied or kept from being lowered. */
import { expect, it } from "vitest";
import { known, missing } from "../../../src/core/fact.ts";
import {
  aNewcomer,
  aReleasing,
  aSnapshot,
  aWorkload,
  copiedPrimary,
  decideNow,
  healthy,
  initializing,
  progressing,
  promoting,
  settled,
  someRoutes,
  statusAfter,
} from "../../support/snapshots.ts";

const idle = known(someRoutes({ canaryWeight: 0 }));

it("copies no version that has no traffic any more: it starts again at its first stage", () => {
  const after = statusAfter(aReleasing(promoting("Copy"), { routes: idle }));
  expect(after).toMatchObject({
    phase: "Progressing",
    canaryWeight: 0,
    release: { stage: { index: 0, weight: 10 } },
  });
  expect(after.release).not.toHaveProperty("promotion");
});

it.each([
  ["nobody has looked yet: it waits", { readAt: undefined, heardAt: undefined }, "hold"],
  ["somebody has looked: it starts again", {}, "restartStages"],
])(
  "whoever finds it without traffic looks first at what it was taken off for; %s",
  (_, state, rule) => {
    const metrics = known([{ ...healthy, state: { ...healthy.state, ...state } }]);
    expect(
      decideNow(aReleasing(progressing(2, "confirmed"), { routes: idle, metrics })),
    ).toMatchObject({ rule });
  },
);

it.each(["Available", "Restore"] as const)(
  "gives no traffic back to the target while the primary is being replaced: %s",
  (step) => {
    const primary = known({ ...copiedPrimary, isRolledOut: false });
    const decision = decideNow(aReleasing(promoting(step), { primary, routes: idle }));
    expect(JSON.stringify(decision)).not.toContain('"Raise"');
  },
);

it("gives no traffic to a target without pods, whatever is said of an initialisation", () => {
  const status = settled(initializing("CreatePrimary"));
  const primary = known(aWorkload({ name: "web-primary", isRolledOut: false }));
  const plan = (replicas: number) =>
    JSON.stringify(
      decideNow(
        aSnapshot({ status, primary, target: known(aWorkload({ replicas })), routes: idle }),
      ),
    );
  expect(plan(0)).not.toContain('"Raise"');
  expect(plan(3)).toContain('"Raise"');
});

it("gives a primary that serves all traffic also where no release can be made", () => {
  const lost = missing("TemplateNotFound", "there is no template");
  const world = aSnapshot({
    status: {},
    metrics: lost,
    routes: known(someRoutes({ canaryWeight: 25 })),
  });
  const refused = { ...world, status: statusAfter(world) };
  const begun = { ...refused, status: statusAfter(refused) };
  expect(begun.status).toMatchObject({ phase: "Initializing" });
  expect(statusAfter(begun)).toMatchObject({ canaryWeight: 0, lastPromotedHash: "good" });
  const newcomer = aNewcomer({ metrics: lost });
  expect(statusAfter({ ...newcomer, status: statusAfter(newcomer) }).phase).toBeUndefined();
});
