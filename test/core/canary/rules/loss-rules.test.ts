/** What is deleted in which phase is tabled in ../loss.test.ts; here what people are told of it. */
import { expect, it } from "vitest";
import { known, missing } from "../../../../src/core/fact.ts";
import {
  aHeldFreeze,
  aReleasing,
  aWorkload,
  progressing,
  statusAfter,
} from "../../../support/snapshots.ts";

it.each([
  [{ target: missing("TargetNotFound", "Deployment shop/web does not exist") }, "TargetMissing"],
  [{ routes: missing("RouteNotFound", "there is no rule main") }, "RouteMissing"],
])("names what is gone, the versions, and what to do: %j", (gone, cause) => {
  const world = aReleasing(progressing(1, "confirmed"), {
    primary: known(aWorkload({ name: "web-primary", images: ["web:1"] })),
    freeze: aHeldFreeze(),
    ...gone,
  });
  const { outbox = [], history = [] } = statusAfter(world);
  expect(outbox).toMatchObject([
    {
      reason: "Stalled",
      severity: "Error",
      facts: { cause, images: "web:2", stableImages: "web:1", release: "next-1" },
    },
  ]);
  expect(outbox[0]?.message).toMatch(/(apply it again|until it is back)/);
  expect(history).toMatchObject([{ outcome: "Failed", reason: cause }]);
});
