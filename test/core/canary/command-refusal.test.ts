import { expect, it } from "vitest";
import { CommandAction } from "../../../src/api/commands.ts";
import { commandRefusal } from "../../../src/core/canary/command-refusal.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { known } from "../../../src/core/fact.ts";
import { asking } from "../../support/command-snapshots.ts";
import {
  aReleasing,
  aSnapshot,
  aWorkload,
  nextTarget,
  now,
  settled,
  statuses,
} from "../../support/snapshots.ts";

/** Which actions apply in which phase; every other one is refused. */
const applicable: Readonly<Record<string, readonly CommandAction[]>> = {
  Progressing: ["promote", "promoteFull", "pause"],
  Waiting: ["promote", "promoteFull", "resume"],
  Approval: ["promote", "promoteFull"],
  Failed: ["retry"],
};

const rows = Object.entries(statuses).flatMap(([name, status]) =>
  CommandAction.options.map((action) => ({ name, status, action })),
);

it.each(rows)("answers $action in $name", ({ status, action }) => {
  const refusal = commandRefusal(assessSituation(aReleasing(settled(status), asking(action)), now));
  const isApproval = status.waiting?.reason === "Approval";
  const applies = applicable[isApproval ? "Approval" : (status.phase ?? "")]?.includes(action);
  const words = refusal?.split(" ").length ?? 0;
  expect(words > 2).toBe(applies !== true);
});

it.each([
  ["copying", "pause", "take it back with: serin abort web -n shop"],
  ["unapproved", "resume", "give it with: serin promote web -n shop"],
  ["failed", "promote", "release it again with: serin retry web -n shop"],
  ["paused", "pause", "the release waits already: Paused"],
  ["restoring", "promote", "the release is being taken off"],
] as const)("says in %s what to do instead of %s", (name, action, words) => {
  const status = statuses[name] ?? {};
  expect(commandRefusal(assessSituation(aReleasing(status, asking(action)), now))).toContain(words);
});

it("refuses to retry what was replaced, and holds while the target is not known", () => {
  const retry = { status: statuses.failed ?? {}, ...asking("retry") };
  const other = known({ ...nextTarget, templateHash: "third" });
  const unread = { kind: "Unknown", because: "not read" } as const;
  const at = (target: typeof other | typeof unread) =>
    commandRefusal(assessSituation(aSnapshot({ ...retry, target }), now));
  expect(at(other)).toContain("released by itself");
  expect(at(unread)).toBeUndefined();
  expect(at(known(aWorkload({ templateHash: "next" })))).toBeUndefined();
});

const stuck = (name: string, action: CommandAction) => {
  const refusal = { reason: "Invalid", message: "spec.stages: weights must rise" } as const;
  const snapshot = aReleasing(statuses[name] ?? {}, { ...asking(action), refusal });
  return commandRefusal(assessSituation(snapshot, now));
};

it.each([
  ["confirmed", "promote"],
  ["unapproved", "promote"],
  ["confirmed", "promoteFull"],
  ["failed", "retry"],
] as const)(
  "refuses, in %s, to %s under a spec that is not accepted, and says why",
  (name, action) => {
    const answer = stuck(name, action);
    expect(answer).toContain(`mend it first, then ${action} again: spec.stages: weights must rise`);
  },
);

it("pauses and resumes under any spec", () => {
  expect(stuck("confirmed", "pause")).toBeUndefined();
  expect(stuck("paused", "resume")).toBeUndefined();
});

it("refuses what cannot be read in its own words, and is silent when nobody asks", () => {
  const command = { kind: "Unreadable", id: "u-1", because: "it is no JSON" } as const;
  const snapshot = aSnapshot({ commands: { abort: undefined, command } });
  expect(commandRefusal(assessSituation(snapshot, now))).toBe("it is no JSON");
  expect(commandRefusal(assessSituation(aSnapshot(), now))).toBeUndefined();
});
