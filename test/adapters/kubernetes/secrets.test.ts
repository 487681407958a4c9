import { describe, expect, it } from "vitest";
import { MAX_REMEMBERED_SECRETS } from "../../../src/adapters/kubernetes/limits.ts";
import { createSecrets } from "../../../src/adapters/kubernetes/secrets.ts";
import { createTransport } from "../../../src/adapters/kubernetes/transport.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { type Answer, createScriptedApi, json, status } from "../../support/scripted-api.ts";

const secret = (data: Record<string, string>): Answer =>
  json({
    kind: "Secret",
    metadata: { name: "login" },
    data: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
  });

function setUp(...answers: Answer[]) {
  const api = createScriptedApi(...answers);
  const clock = createManualClock();
  const log = createRecordingLog();
  const transport = createTransport({
    baseUrl: "http://api.test/",
    fetch: api.fetch,
    clock,
    log,
    random: () => 0,
    burst: 1000,
    userAgent: "serin/test",
  });
  return { api, clock, secrets: createSecrets({ transport, clock }) };
}

describe("reading a Secret", () => {
  it("asks for it by name and decodes its data", async () => {
    const { api, secrets } = setUp(secret({ token: "süß\n" }));
    expect(await secrets.read("shop", "login")).toEqual({
      kind: "Known",
      value: { token: "süß\n" },
    });
    expect(api.sent.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      "GET /api/v1/namespaces/shop/secrets/login",
    ]);
  });

  it("has no data when the Secret has none", async () => {
    const { secrets } = setUp(json({ kind: "Secret", metadata: { name: "login" } }));
    expect(await secrets.read("shop", "login")).toEqual({ kind: "Known", value: {} });
  });

  it.each([
    ["a minute", secret({ a: "1" }), 59_999, 1],
    ["no longer than a minute", secret({ a: "1" }), 60_000, 2],
    ["ten seconds when it is missing", status(404, "NotFound"), 9_999, 1],
    ["no longer than ten seconds when it is missing", status(404, "NotFound"), 10_000, 2],
  ])("remembers it for %s", async (_name, first, waitMs, requests) => {
    const { api, clock, secrets } = setUp(first, secret({ a: "2" }));
    await secrets.read("shop", "login");
    clock.step(waitMs);
    await secrets.read("shop", "login");
    expect(api.sent).toHaveLength(requests);
  });

  it("is done once for those who ask at the same time", async () => {
    const { api, secrets } = setUp(secret({ a: "1" }));
    const answers = await Promise.all([
      secrets.read("shop", "login"),
      secrets.read("shop", "login"),
    ]);
    expect(answers).toEqual([
      { kind: "Known", value: { a: "1" } },
      { kind: "Known", value: { a: "1" } },
    ]);
    expect(api.sent).toHaveLength(1);
  });

  it.each([
    ["does not exist", status(404, "NotFound"), "Missing", "SecretNotFound"],
    ["may not be read", status(403, "Forbidden"), "Missing", "SecretForbidden"],
  ])("says when it %s", async (_name, answer, kind, reason) => {
    const { secrets } = setUp(answer);
    expect(await secrets.read("shop", "login")).toMatchObject({ kind, reason });
  });

  it("is tried again at once after it could not be read", async () => {
    const { secrets } = setUp(status(500, "InternalError"), secret({ a: "1" }));
    expect(await secrets.read("shop", "login")).toMatchObject({ kind: "Unknown" });
    expect(await secrets.read("shop", "login")).toMatchObject({ kind: "Known" });
  });

  it("quotes nothing of an answer that is no Secret", async () => {
    const { secrets } = setUp(json({ data: { token: 42, other: "c2VjcmV0" } }));
    const fact = await secrets.read("shop", "login");
    expect(fact).toMatchObject({ kind: "Unknown" });
    expect(JSON.stringify(fact)).not.toMatch(/c2VjcmV0|42/);
  });

  it("cannot be led elsewhere by a name", async () => {
    const { api, secrets } = setUp();
    expect(await secrets.read("shop", "../../nodes")).toMatchObject({ kind: "Missing" });
    expect(api.sent).toEqual([]);
  });

  it("remembers a bounded number", async () => {
    const answers = Array.from({ length: MAX_REMEMBERED_SECRETS + 2 }, () => secret({}));
    const { api, secrets } = setUp(...answers);
    for (let index = 0; index <= MAX_REMEMBERED_SECRETS; index += 1) {
      await secrets.read("shop", `login-${index}`);
    }
    await secrets.read("shop", "login-0");
    expect(api.sent).toHaveLength(MAX_REMEMBERED_SECRETS + 2);
  });
});
