import { describe, expect, it } from "vitest";
import { OutboxEntry } from "../../src/api/canary-status.ts";
import { events } from "../../src/api/conditions.ts";
import { type EventFacts, eventFacts, factDocs } from "../../src/api/event-facts.ts";

describe("the facts of an Event", () => {
  it.each(Object.entries(eventFacts))("fit an outbox entry (%s)", (_, { always, ifKnown }) => {
    const names = [...always, ...ifKnown];
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeLessThanOrEqual(16);
    expect(names.filter((name) => name.length > 63)).toEqual([]);
  });

  it("exist for every Event, and every fact belongs to one", () => {
    expect(Object.keys(eventFacts).toSorted()).toEqual(Object.keys(events).toSorted());
    const used = Object.values(eventFacts).flatMap(({ always, ifKnown }) => [
      ...always,
      ...ifKnown,
    ]);
    expect([...new Set<string>(used)].toSorted()).toEqual(Object.keys(factDocs).toSorted());
  });

  it("are typed, and go into an outbox entry as they are", () => {
    const facts: EventFacts<"SpecRefused"> = { cause: "TargetNotFound" };
    // @ts-expect-error What is always there cannot be left out.
    const short: EventFacts<"Succeeded"> = { release: "5d8f-3" };
    const entry: OutboxEntry = {
      id: "5d8f-3/refused",
      reason: "SpecRefused",
      severity: "Warning",
      message: "no Deployment order-service",
      at: "2026-11-21T12:00:00.000Z",
      facts,
    };
    expect(OutboxEntry.parse(entry).facts).toEqual(facts);
    expect(short).not.toHaveProperty("images");
  });
});
