import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactFields } from "../../../src/adapters/observability/redact.ts";
import { RetryableError } from "../../../src/ports/errors.ts";

describe("redactFields", () => {
  it.each([
    [{ authorization: "Bearer abcdefgh" }],
    [{ request: { headers: { Authorization: "x-very-secret" } } }],
    [{ botToken: "x-very-secret" }],
    [{ token: "x-very-secret" }],
    [{ password: "x-very-secret" }],
    [{ secret: { data: { any: "x-very-secret" } } }],
    [{ list: [{ apiKey: "x-very-secret" }] }],
    [{ url: "https://hooks.slack.com/services/T0/B0/x-very-secret" }],
    [{ text: "posting to https://hooks.slack.com/services/T0/B0/x-very-secret failed" }],
    [{ url: "https://admin:x-very-secret@prometheus:9090/api" }],
    [{ text: "sent xoxb-123-x-very-secret" }],
    [{ text: "header was Bearer x-very-secret" }],
    [{ text: "header was Basic eC12ZXJ5LXNlY3JldA==" }],
    [{ error: new Error("no route to https://hooks.slack.com/services/x-very-secret") }],
    [{ error: new Error("outer", { cause: new Error("xoxb-x-very-secret") }) }],
    [{ error: new RetryableError("Unreachable", "token xoxp-x-very-secret was refused") }],
    [{ map: new Map([["password", "x-very-secret"]]) }],
  ])("hides the secret in %j", (fields) => {
    expect(JSON.stringify(redactFields(fields))).not.toMatch(/very-secret|eC12ZXJ5/);
  });

  it("shows what is no secret", () => {
    const fields = {
      canary: "order-prod/order-service",
      secretRef: { name: "slack", key: "address" },
      weight: 25,
      isLeader: false,
      none: null,
      at: new Date(0),
      count: 3n,
    };
    expect(redactFields(fields)).toEqual({
      ...fields,
      at: "1970-01-01T00:00:00.000Z",
      count: "3",
    });
  });

  it("shows an error with its reason and its cause", () => {
    const error = new RetryableError("Conflict", "it changed", 50, new Error("409"));
    expect(redactFields({ error })["error"]).toMatchObject({
      type: "RetryableError",
      message: "it changed",
      reason: "Conflict",
      afterMs: 50,
      cause: { type: "Error", message: "409" },
    });
  });

  it("bounds what is deep, long or wide", () => {
    const deep: Record<string, unknown> = {};
    deep["self"] = deep;
    const shown = redactFields({
      deep,
      long: "x".repeat(1_000_000),
      wide: Array.from({ length: 10_000 }, (_, index) => index),
    });
    expect(JSON.stringify(shown).length).toBeLessThan(20_000);
  });

  it("makes any value serialisable", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.anything({
            withBigInt: true,
            withDate: true,
            withMap: true,
            withSet: true,
            withSparseArray: true,
            withNullPrototype: true,
          }),
        ),
        (fields) => {
          expect(() => JSON.stringify(redactFields(fields))).not.toThrow();
        },
      ),
    );
  });
});
