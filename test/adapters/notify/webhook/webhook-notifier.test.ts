import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createWebhookNotifier } from "../../../../src/adapters/notify/webhook/webhook-notifier.ts";
import type { WebhookProvider } from "../../../../src/api/alert-provider.ts";
import { WebhookPayload } from "../../../../src/api/webhook-payload.ts";
import { type Fact, known, missing, unknown } from "../../../../src/core/fact.ts";
import type { Delivery, Message } from "../../../../src/ports/notifier.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const hook = "https://receiver.example.com/very-secret";
const token = "very-secret-token";

const message: Message = {
  namespace: "order-prod",
  canary: "order-service",
  entry: {
    id: "0b0f7a52-5d8f-3-RolledBack",
    reason: "RolledBack",
    severity: "Error",
    message: "error-rate: 21.4 %, limit 5 %",
    at: "2026-11-21T12:00:00.250Z",
    facts: { release: "5d8f-3", cause: "MetricLimitExceeded" },
  },
};

type Data = Fact<Readonly<Record<string, string>>>;
const secret: Data = known({ address: `${hook}\n`, token: `${token}\n` });
const bySecret: WebhookProvider = { secretRef: { name: "receiver", key: "address" } };

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

async function send(webhook: WebhookProvider | undefined, data: Data = secret): Promise<Delivery> {
  const notifier = createWebhookNotifier({
    fetch: globalThis.fetch,
    secrets: { read: async () => data },
    clock: createManualClock(),
  });
  return notifier.send(webhook === undefined ? {} : { webhook }, "order-prod", message);
}

/** Answers with `response` and keeps what was sent. */
function answer(url: string, response: () => Response): Request[] {
  const seen: Request[] = [];
  server.use(
    http.post(url, ({ request }) => {
      seen.push(request.clone());
      return response();
    }),
  );
  return seen;
}

const ok = () => new HttpResponse(null, { status: 204 });

describe("a webhook", () => {
  it("gets the documented JSON with the transition's id as its key", async () => {
    const seen = answer(hook, ok);
    expect(await send(bySecret)).toEqual({ kind: "Delivered" });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(seen[0]?.headers.get("idempotency-key")).toBe(message.entry.id);
    expect(seen[0]?.headers.has("authorization")).toBe(false);
    const body = WebhookPayload.strict().parse(await seen[0]?.json());
    const { namespace, canary, entry } = message;
    expect(body).toEqual({ version: "1", namespace, canary, ...entry });
  });

  it("gets the token and the headers that its provider names", async () => {
    const seen = answer("http://receiver.tools:8080/", ok);
    const webhook = {
      address: "http://receiver.tools:8080/",
      bearerToken: { name: "receiver", key: "token" },
      headers: { "X-Team": "orders" },
    };
    expect(await send(webhook)).toEqual({ kind: "Delivered" });
    expect(seen[0]?.headers.get("authorization")).toBe(`Bearer ${token}`);
    expect(seen[0]?.headers.get("x-team")).toBe("orders");
  });

  it.each([200, 201, 202, 299])("has been told when it answers HTTP %i", async (status) => {
    answer(hook, () => new HttpResponse("anything", { status }));
    expect(await send(bySecret)).toEqual({ kind: "Delivered" });
  });

  it.each([408, 425, 429, 500, 503, 599])("is told again after HTTP %i", async (status) => {
    answer(hook, () => HttpResponse.text(token, { status }));
    expect(await send(bySecret)).toEqual({
      kind: "Failed",
      because: `the webhook answers HTTP ${status}`,
    });
  });

  it.each([
    ["30", 30_000],
    ["86400", 900_000],
  ])("is told again after the time that it names: %s s", async (header, afterMs) => {
    answer(hook, () => HttpResponse.text("", { status: 503, headers: { "retry-after": header } }));
    expect(await send(bySecret)).toMatchObject({ kind: "Failed", afterMs });
  });

  it.each([400, 401, 404, 410, 424, 426, 499])("is given up after HTTP %i", async (status) => {
    answer(hook, () => HttpResponse.text(`secrets of somebody else`, { status }));
    expect(await send(bySecret)).toEqual({
      kind: "Refused",
      because: `the webhook answers HTTP ${status}`,
    });
  });

  it("is not followed elsewhere", async () => {
    const seen = answer("http://169.254.169.254/", ok);
    const headers = { location: "http://169.254.169.254/" };
    answer(hook, () => new HttpResponse(null, { status: 307, headers }));
    expect(await send(bySecret)).toEqual({
      kind: "Refused",
      because: "HTTP 307: redirects are not followed",
    });
    expect(seen).toEqual([]);
  });

  it("is told again when nothing answers", async () => {
    answer(hook, () => HttpResponse.error());
    expect(await send(bySecret)).toMatchObject({ kind: "Failed" });
  });

  it.each<[string, WebhookProvider | undefined, Data, string]>([
    ["another provider", undefined, secret, "the provider is not webhook"],
    ["no address", {}, secret, "spec.webhook has no address or secretRef"],
    [
      "a missing Secret",
      bySecret,
      missing("SecretNotFound", "Secret receiver does not exist in order-prod"),
      "Secret receiver does not exist in order-prod",
    ],
    ["a missing key", bySecret, known({}), "Secret receiver has no key address"],
    [
      "another protocol",
      bySecret,
      known({ address: "file:///etc/passwd" }),
      "key address of Secret receiver must begin with http:// or https://",
    ],
    [
      "a password in the address",
      { address: "https://me:very-secret@receiver.example.com/" },
      secret,
      "spec.webhook.address must not have a user or a password in it",
    ],
    [
      "a token that no header can carry",
      { ...bySecret, bearerToken: { name: "receiver", key: "token" } },
      known({ address: hook, token: "very secret" }),
      "key token of Secret receiver is no token",
    ],
    [
      "a token among the headers",
      { ...bySecret, headers: { authorization: "Bearer very-secret" } },
      secret,
      "spec.webhook.headers must not hold Authorization: put the token into a Secret and name it in bearerToken",
    ],
    [
      "a header of ours",
      { ...bySecret, headers: { "Idempotency-Key": "mine" } },
      secret,
      "spec.webhook.headers must not hold Idempotency-Key: it is set with every request",
    ],
    [
      "a name that is no header's",
      { ...bySecret, headers: { "X Team": "orders" } },
      secret,
      "spec.webhook.headers has a name that is no header's",
    ],
    [
      "a value with a line break",
      { ...bySecret, headers: { "X-Team": "orders\r\nHost: evil" } },
      secret,
      "the value of X-Team in spec.webhook.headers has characters that no header may have",
    ],
  ])("is refused for %s, and shows no secret", async (_, webhook, data, because) => {
    expect(await send(webhook, data)).toEqual({ kind: "Refused", because });
    expect(because).not.toContain("very-secret");
  });

  it("is tried again when its Secret cannot be read now", async () => {
    expect(await send(bySecret, unknown("Secret receiver could not be read"))).toEqual({
      kind: "Failed",
      because: "Secret receiver could not be read",
    });
  });
});
