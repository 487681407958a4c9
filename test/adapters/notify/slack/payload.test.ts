import { describe, expect, it } from "vitest";
import { type Block, buildPayload } from "../../../../src/adapters/notify/slack/payload.ts";
import { type EventReason, events } from "../../../../src/api/conditions.ts";
import { type EventFacts, eventFacts, type FactName } from "../../../../src/api/event-facts.ts";
import type { Message } from "../../../../src/ports/notifier.ts";

function messageOf(
  reason: string,
  facts: Readonly<Record<string, string>>,
  text = "What happened.",
): Message {
  return {
    namespace: "order-prod",
    canary: "order-service",
    entry: {
      id: "5d8f-3/rolled-back",
      reason,
      severity: "Error",
      message: text,
      at: "2026-11-21T12:00:00.000Z",
      facts,
    },
  };
}

/** All text of the blocks, in the order in which people read it. */
function linesOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    if (block.type === "context") return block.elements.map(({ text }) => text);
    return "fields" in block ? block.fields.map(({ text }) => text) : [block.text.text];
  });
}

const rolledBack: EventFacts<"RolledBack"> = {
  release: "5d8f-3",
  images: "example.com/order-service:1.5.0",
  stableImages: "example.com/order-service:1.4.0",
  cause: "MetricLimitExceeded",
  metric: "error-rate",
  value: "21.429",
  limit: "5",
  unit: "%",
  samples: "140",
  peakWeight: "10",
  query: 'sum(rate(istio_requests_total{destination_workload="order-service"}[1m]))',
  decidedSeconds: "5.1",
  appliedSeconds: "5.4",
  confirmedSeconds: "12.04",
};

describe("a message to Slack", () => {
  it("tells a rollback with metric, value, limit and the time until traffic was off", () => {
    const payload = buildPayload(
      messageOf(
        "RolledBack",
        rolledBack,
        "error-rate 21.4 % is beyond 5 % in 2 checks; all traffic is off.",
      ),
    );
    expect(linesOf(payload.blocks)).toEqual([
      "⏪ order-service: rolled back",
      "error-rate 21.4 % is beyond 5 % in 2 checks; all traffic is off.",
      "*Traffic off*\n12 s after detection (decided after 5.1 s, routed after 5.4 s)",
      "*Measured*\nerror-rate 21.4 % (limit 5 %) over 140 requests",
      "*Cause*\nMetricLimitExceeded",
      "*Serving now*\nexample.com/order-service:1.4.0",
      "*New version*\nexample.com/order-service:1.5.0",
      "*Traffic at most*\n10 %",
      '`sum(rate(istio_requests_total{destination_workload="order-service"}[1m]))`',
      "`kubectl -n order-prod describe canary order-service`",
      "order-prod/order-service · release 5d8f-3 · 2026-11-21T12:00:00.000Z",
    ]);
    expect(payload.text).toBe(
      "⏪ order-service: rolled back (order-prod). error-rate 21.4 % is beyond 5 % in 2 checks; all traffic is off.",
    );
  });

  it("does not call the same images by two names", () => {
    const facts = { ...rolledBack, stableImages: rolledBack.images };
    const lines = linesOf(buildPayload(messageOf("RolledBack", facts)).blocks);
    expect(lines.filter((line) => line.includes(rolledBack.images))).toEqual([
      `*New version*\n${rolledBack.images}`,
    ]);
  });

  const told: readonly [EventReason, Partial<Record<FactName, string>>, readonly string[]][] = [
    [
      "ReleaseStarted",
      { images: "a:2", stableImages: "a:1", nextWeight: "10" },
      ["*New version*\na:2", "*Serving now*\na:1", "*First stage*\n10 %"],
    ],
    [
      "StagePassed",
      { images: "a:2", stage: "2/4", weight: "25", nextWeight: "50", durationSeconds: "130" },
      ["*New version*\na:2", "*Stage*\n2/4 at 25 %", "*Next*\n50 %", "*Running for*\n2 min 10 s"],
    ],
    [
      "Succeeded",
      { images: "a:2", durationSeconds: "75" },
      ["*New version*\na:2", "*Took*\n1 min 15 s"],
    ],
    [
      "RollbackUnconfirmed",
      { cause: "CanaryCrashing", waitedSeconds: "35", stableImages: "a:1" },
      ["*Waiting for*\n35 s", "*Cause*\nCanaryCrashing", "*Serving now*\na:1"],
    ],
    [
      "Retreated",
      {
        cause: "SharedIncident",
        value: "21.4",
        stableValue: "20",
        unit: "%",
        limit: "5",
        metric: "error-rate",
        stableImages: "a:1",
        images: "a:2",
        peakWeight: "25",
      },
      [
        "*Measured*\nerror-rate 21.4 % (limit 5 %)",
        "*Stable*\nerror-rate 20 % (limit 5 %)",
        "*Cause*\nSharedIncident",
        "*Serving now*\na:1",
        "*New version*\na:2",
        "*Traffic at most*\n25 %",
      ],
    ],
    [
      "Resumed",
      { images: "a:2", nextWeight: "10", waitedSeconds: "95" },
      ["*New version*\na:2", "*First stage*\n10 %", "*After*\n1 min 35 s"],
    ],
    [
      "StableBeyondLimit",
      { images: "a:2", stableImages: "a:1" },
      ["*New version*\na:2", "*Serving now*\na:1"],
    ],
    [
      "TrafficSplitMismatch",
      { images: "a:2", stableImages: "a:1", stage: "1/4", weight: "10" },
      ["*New version*\na:2", "*Serving now*\na:1", "*Stage*\n1/4 at 10 %"],
    ],
    [
      "StableHasNoPods",
      { images: "a:2", stableImages: "a:1", cause: "Aborted", weight: "25" },
      [
        "*Traffic to the target*\n25 %",
        "*Cause*\nAborted",
        "*Serving now*\na:1",
        "*New version*\na:2",
      ],
    ],
    [
      "Stalled",
      { cause: "SavedTemplateMissing", weight: "0" },
      ["*Cause*\nSavedTemplateMissing", "*Traffic to the new version*\n0 %"],
    ],
  ];
  it.each(told)("shows what is needed for %s", (reason, facts, expected) => {
    const lines = linesOf(buildPayload(messageOf(reason, facts)).blocks);
    expect(lines.filter((line) => line.startsWith("*"))).toEqual(expected);
  });

  it.each(Object.keys(eventFacts))("is whole without a single fact (%s)", (reason) => {
    const lines = linesOf(buildPayload(messageOf(reason, {})).blocks);
    expect(lines).toContain("What happened.");
    expect(lines.join("\n")).not.toMatch(/undefined|NaN|\*\*/);
  });

  it("shows an Event that it does not know by its word and all its facts", () => {
    const lines = linesOf(buildPayload(messageOf("Moved", { moon: "full" })).blocks);
    expect(lines[0]).toBe("🚨 order-service: Moved");
    expect(lines).toContain("*moon*\nfull");
  });

  it("carries the transition's id, the same each time", () => {
    const message = messageOf("Succeeded", {});
    expect(buildPayload(message).metadata).toEqual({
      event_type: "serin_release",
      event_payload: {
        id: "5d8f-3/rolled-back",
        reason: "Succeeded",
        namespace: "order-prod",
        canary: "order-service",
      },
    });
    expect(buildPayload(message)).toEqual(buildPayload(message));
  });

  it("lets nobody be mentioned and no link be forged", () => {
    const facts = { ...rolledBack, images: "<!channel>", query: "a < b" };
    const payload = buildPayload(
      messageOf("RolledBack", facts, "<https://evil.example.com|click> & go"),
    );
    expect(JSON.stringify(payload)).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  });

  it.each([...Object.keys(events), "SomethingNew"])(
    "stays within Slack's bounds (%s)",
    (reason) => {
      const long = "&".repeat(40_000);
      const names =
        reason === "SomethingNew"
          ? Array.from({ length: 16 }, (_, i) => `f${i}`)
          : Object.keys(rolledBack);
      const facts = Object.fromEntries(names.map((name) => [name, long]));
      const { blocks, text } = buildPayload(messageOf(reason, facts, long));
      expect(text.length).toBeLessThanOrEqual(3000);
      expect(blocks.length).toBeLessThanOrEqual(50);
      const fields = blocks.map((block) => ("fields" in block ? block.fields : []));
      expect(Math.max(...fields.map((list) => list.length))).toBeLessThanOrEqual(10);
      expect(Math.max(0, ...fields.flat().map((field) => field.text.length))).toBeLessThanOrEqual(
        2000,
      );
      expect(Math.max(...linesOf(blocks).map((line) => line.length))).toBeLessThanOrEqual(3000);
      expect(linesOf(blocks)[0]?.length).toBeLessThanOrEqual(150);
    },
  );
});
