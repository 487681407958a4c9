import { describe, expect, it } from "vitest";
import { conditions } from "../../../src/api/conditions.ts";
import { summariseConditions } from "../../../src/core/canary/conditions.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import {
  ago,
  aSnapshot,
  initialized,
  now,
  progressing,
  settled,
  statuses,
} from "../../support/snapshots.ts";

const summarise = (status = settled(initialized()), before = status) =>
  summariseConditions(status, assessSituation(aSnapshot({ status: before }), now));

describe("the conditions of a status", () => {
  it.each(Object.keys(statuses))("are all those of the catalogue, each once: %s", (name) => {
    const types = summarise(settled(statuses[name] ?? {})).map(({ type }) => type);
    expect(types.toSorted()).toEqual(Object.keys(conditions).toSorted());
  });

  it("keep their time while their status stays, and move it with it", () => {
    const first = summarise().map((one) => ({ ...one, lastTransitionTime: ago(500) }));
    const before = { ...initialized(), conditions: first };
    const timeOf = (type: string, status = before) =>
      summarise(status, before).find((one) => one.type === type)?.lastTransitionTime;
    expect(timeOf("Ready")).toBe(ago(500));
    expect(timeOf("Ready", { ...progressing(0, "entered"), conditions: first })).toBe(ago(0));
    expect(timeOf("Accepted", { ...progressing(0, "entered"), conditions: first })).toBe(ago(500));
  });

  it("speak of the generation that was read", () => {
    expect(new Set(summarise().map((one) => one.observedGeneration))).toEqual(new Set([1]));
  });

  it("cut messages that nobody could read", () => {
    const status = settled(initialized({ message: "x".repeat(5000) }));
    for (const { message } of summarise(status)) expect(message.length).toBeLessThanOrEqual(1024);
  });
});
