import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSlackNotifier } from "../../../../src/adapters/notify/slack/slack-notifier.ts";
import type { SlackProvider } from "../../../../src/api/alert-provider.ts";
import { type Fact, known, missing, unknown } from "../../../../src/core/fact.ts";
import type { Delivery, Message } from "../../../../src/ports/notifier.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const hook = "https://hooks.slack.com/services/T000/B000/very-secret";
const post = "https://slack.com/api/chat.postMessage";
const token = "xoxb-very-secret";
const apiAddress = "https://slack.com/api";

const message: Message = {
  namespace: "order-prod",
  canary: "order-service",
  entry: {
    id: "5d8f-3/started",
    reason: "ReleaseStarted",
    severity: "Info",
    message: "Release 5d8f-3 begins.",
    at: "2026-11-21T12:00:00.000Z",
    facts: { release: "5d8f-3", images: "example.com/order-service:1.5.0" },
  },
};

type Data = Fact<Readonly<Record<string, string>>>;
const both: Data = known({ address: `${hook}\n`, token });
const byHook: SlackProvider = { secretRef: { name: "slack", key: "address" }, apiAddress };
const byBot: SlackProvider = {
  botToken: { name: "slack", key: "token" },
  channel: "#releases",
  apiAddress,
};

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

async function send(slack: SlackProvider | undefined, secret: Data = both): Promise<Delivery> {
  const secrets = { read: async () => secret };
  const notifier = createSlackNotifier({
    fetch: globalThis.fetch,
    secrets,
    clock: createManualClock(),
  });
  return notifier.send(slack === undefined ? {} : { slack }, "order-prod", message);
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

describe("an incoming webhook", () => {
  it("gets the message as JSON, and no channel", async () => {
    const seen = answer(hook, () => HttpResponse.text("ok"));
    expect(await send(byHook)).toEqual({ kind: "Delivered" });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(seen[0]?.headers.has("authorization")).toBe(false);
    const body = await seen[0]?.json();
    expect(body).not.toHaveProperty("channel");
    expect(body).toHaveProperty("metadata.event_payload.id", "5d8f-3/started");
  });

  it("may be given by its address", async () => {
    answer(hook, () => HttpResponse.text("ok"));
    expect(await send({ address: hook, apiAddress })).toEqual({ kind: "Delivered" });
  });

  it.each([
    [400, "invalid_blocks", "Slack answers HTTP 400 (invalid_blocks)"],
    [403, "action_prohibited", "Slack answers HTTP 403 (action_prohibited)"],
    [404, "no_service", "Slack answers HTTP 404 (no_service)"],
    [410, "channel_is_archived", "Slack answers HTTP 410 (channel_is_archived)"],
    [404, `<html>${hook}</html>`, "Slack answers HTTP 404"],
  ])("is refused for good by HTTP %i %s", async (status, text, because) => {
    answer(hook, () => HttpResponse.text(text, { status }));
    expect(await send(byHook)).toEqual({ kind: "Refused", because });
  });

  it("is not followed elsewhere", async () => {
    answer(hook, () =>
      HttpResponse.text("", { status: 302, headers: { location: "https://evil.example.com/" } }),
    );
    expect(await send(byHook)).toEqual({
      kind: "Refused",
      because: "HTTP 302: redirects are not followed",
    });
  });

  it.each([
    ["30", 30_000],
    ["0", 0],
    ["86400", 900_000],
    ["Thu, 01 Jan 2026 00:00:20 GMT", 20_000],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
  ])("is tried again after the time that it names: %s", async (header, afterMs) => {
    answer(hook, () => HttpResponse.text("", { status: 429, headers: { "retry-after": header } }));
    const because = "Slack answers HTTP 429";
    expect(await send(byHook)).toEqual({ kind: "Failed", because, afterMs });
  });

  it.each([
    [500, "rollup_error"],
    [502, "<html>"],
    [503, ""],
    [408, ""],
    [429, ""],
  ])("is tried again after HTTP %i", async (status, text) => {
    answer(hook, () => HttpResponse.text(text, { status }));
    expect(await send(byHook)).toEqual({ kind: "Failed", because: `Slack answers HTTP ${status}` });
  });

  it("is tried again when nothing answers", async () => {
    answer(hook, () => HttpResponse.error());
    expect(await send(byHook)).toEqual({ kind: "Failed", because: "no connection" });
  });
});

describe("a bot", () => {
  it("posts to its channel with its token", async () => {
    const seen = answer(post, () => HttpResponse.json({ ok: true, ts: "1" }));
    expect(await send(byBot)).toEqual({ kind: "Delivered" });
    expect(seen[0]?.headers.get("authorization")).toBe(`Bearer ${token}`);
    expect(await seen[0]?.json()).toHaveProperty("channel", "#releases");
  });

  it("may use another address of the Web API", async () => {
    answer("https://slack-gov.com/api/chat.postMessage", () => HttpResponse.json({ ok: true }));
    expect(await send({ ...byBot, apiAddress: "https://slack-gov.com/api/" })).toEqual({
      kind: "Delivered",
    });
  });

  it.each(["invalid_auth", "channel_not_found", "not_in_channel", "missing_scope", "is_archived"])(
    "is refused for good by %s, although HTTP says 200",
    async (error) => {
      answer(post, () => HttpResponse.json({ ok: false, error }));
      expect(await send(byBot)).toEqual({ kind: "Refused", because: `Slack answers ${error}` });
    },
  );

  it.each(["ratelimited", "internal_error", "service_unavailable"])(
    "is tried again after %s",
    async (error) => {
      answer(post, () =>
        HttpResponse.json({ ok: false, error }, { headers: { "retry-after": "7" } }),
      );
      const because = `Slack answers ${error}`;
      expect(await send(byBot)).toEqual({ kind: "Failed", because, afterMs: 7000 });
    },
  );

  it.each(["<html>proxy</html>", "", "[]", '{"ok":1}'])(
    "is tried again when something else than Slack answers 200: %j",
    async (text) => {
      answer(post, () => HttpResponse.text(text));
      expect(await send(byBot)).toMatchObject({ kind: "Failed" });
    },
  );

  it("does not repeat what is no error word of Slack's", async () => {
    answer(post, () => HttpResponse.json({ ok: false, error: `bad token ${token}` }));
    expect(await send(byBot)).toEqual({ kind: "Refused", because: "Slack answers unknown_error" });
  });
});

describe("a provider", () => {
  const withoutChannel: SlackProvider = { botToken: { name: "slack", key: "token" }, apiAddress };
  const at = (address: string): Data => known({ address });
  it.each<[string, SlackProvider | undefined, Data, Delivery]>([
    ["of another kind", undefined, both, { kind: "Refused", because: "the provider is not slack" }],
    [
      "whose Secret is missing",
      byHook,
      missing("SecretNotFound", "Secret order-prod/slack does not exist"),
      { kind: "Refused", because: "Secret order-prod/slack does not exist" },
    ],
    [
      "whose Secret cannot be read now",
      byHook,
      unknown("the API server does not answer"),
      { kind: "Failed", because: "the API server does not answer" },
    ],
    [
      "whose Secret lacks the key",
      byHook,
      known({ other: "x" }),
      { kind: "Refused", because: "Secret slack has no key address" },
    ],
    [
      "whose Secret is empty",
      byHook,
      at(" \n"),
      { kind: "Refused", because: "Secret slack has no key address" },
    ],
    [
      "with no address",
      byHook,
      at("very secret"),
      { kind: "Refused", because: "key address of Secret slack is no URL" },
    ],
    [
      "with a plain address",
      byHook,
      at("http://hooks.slack.com/very-secret"),
      { kind: "Refused", because: "key address of Secret slack must begin with https://" },
    ],
    [
      "with a name that only begins like loopback",
      byHook,
      at("http://localhost.example.com/very-secret"),
      { kind: "Refused", because: "key address of Secret slack must begin with https://" },
    ],
    [
      "with a password in the address",
      byHook,
      at("https://a:very-secret@hooks.slack.com/"),
      {
        kind: "Refused",
        because: "key address of Secret slack must not have a user or a password in it",
      },
    ],
    [
      "with a token of two lines",
      byBot,
      known({ token: "xoxb\nvery-secret" }),
      { kind: "Refused", because: "key token of Secret slack is no token" },
    ],
    [
      "with a token and no channel",
      withoutChannel,
      both,
      { kind: "Refused", because: "spec.slack has a botToken and no channel" },
    ],
    [
      "with nothing",
      { apiAddress },
      both,
      { kind: "Refused", because: "spec.slack has no address, secretRef or botToken" },
    ],
  ])("%s says so without a request", async (_, slack, secret, expected) => {
    const delivery = await send(slack, secret);
    expect(delivery).toEqual(expected);
    expect(JSON.stringify(delivery)).not.toContain("very");
  });

  it("whose Secret cannot be read for a bug is tried again", async () => {
    const secrets = {
      read: async (): Promise<Data> => {
        throw new TypeError("very secret");
      },
    };
    const notifier = createSlackNotifier({
      fetch: globalThis.fetch,
      secrets,
      clock: createManualClock(),
    });
    expect(await notifier.send({ slack: byHook }, "order-prod", message)).toEqual({
      kind: "Failed",
      because: "Secret slack could not be read",
    });
  });
});
