import { describe, expect, it } from "vitest";
import { createNotifier } from "../../../src/adapters/notify/registry.ts";
import { missing } from "../../../src/core/fact.ts";
import type { ProviderRequestNumbers } from "../../../src/ports/metrics.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const message = {
  namespace: "order-prod",
  canary: "order-service",
  entry: {
    id: "5d8f-3/started",
    reason: "ReleaseStarted",
    severity: "Info",
    message: "Release 5d8f-3 begins.",
    at: "2026-11-21T12:00:00.000Z",
    facts: {},
  },
} as const;

describe("the notifier", () => {
  const counted: ProviderRequestNumbers[] = [];
  const notifier = createNotifier({
    fetch: globalThis.fetch,
    clock: createManualClock(),
    secrets: { read: async () => missing("SecretNotFound", "not found in order-prod") },
    metrics: {
      recordProviderRequest(request) {
        counted.push(request);
      },
    },
  });

  it("hands a message to the provider that the spec names, and counts the outcome", async () => {
    const slack = {
      secretRef: { name: "slack", key: "address" },
      apiAddress: "https://slack.com/api",
    };
    expect(await notifier.send({ slack }, "order-prod", message)).toMatchObject({
      kind: "Refused",
    });
    expect(counted).toEqual([{ provider: "slack", outcome: "Refused", durationMs: 0 }]);
  });

  it("asks a webhook by the same rules", async () => {
    const webhook = { secretRef: { name: "receiver", key: "address" } };
    expect(await notifier.send({ webhook }, "order-prod", message)).toMatchObject({
      kind: "Refused",
    });
    expect(counted.at(-1)).toEqual({ provider: "webhook", outcome: "Refused", durationMs: 0 });
  });

  it("refuses a spec that names none", async () => {
    expect(await notifier.send({}, "order-prod", message)).toEqual({
      kind: "Refused",
      because: "the AlertProvider names no provider that is known",
    });
  });
});
