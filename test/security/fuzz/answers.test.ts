/** Answers of metrics servers and of those who are told, as the network, a proxy or somebody else's server may give them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAnswer } from "../../../src/adapters/metrics/prometheus/answer.ts";
import { prepareEndpoint } from "../../../src/adapters/metrics/prometheus/auth.ts";
import { boundsOf, parseBound } from "../../../src/adapters/metrics/prometheus/buckets.ts";
import { createPrometheusClient } from "../../../src/adapters/metrics/prometheus/client.ts";
import { countersFor } from "../../../src/adapters/metrics/prometheus/counters.ts";
import { createServerClocks } from "../../../src/adapters/metrics/prometheus/server-clocks.ts";
import { tallySamples } from "../../../src/adapters/metrics/prometheus/tally.ts";
import { valuesOfSamples } from "../../../src/adapters/metrics/prometheus/values.ts";
import { parseAddress } from "../../../src/adapters/notify/http-address.ts";
import { deliveryOfAnswer } from "../../../src/adapters/notify/http-delivery.ts";
import { postJson } from "../../../src/adapters/notify/http-post.ts";
import { readSecretKey, readToken } from "../../../src/adapters/notify/secret-key.ts";
import { deliveryOf } from "../../../src/adapters/notify/slack/delivery.ts";
import { known } from "../../../src/core/fact.ts";
import { anyCharacters, anyJson, damaged, damagedText, thrownBy } from "../../support/hostile.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { nobodyIsTrusted } from "../../support/nobody-is-trusted.ts";

const series = (value: string) => ({
  metric: { destination_workload: "orders", namespace: "shop", pod: "caller-1", le: "500" },
  value: [1_700_000_000.5, value],
});
const valid = {
  status: "success",
  data: { resultType: "vector", result: [series("12"), series("NaN"), series("+Inf")] },
  warnings: ["PromQL info: x"],
};
const anyAnswer = fc.oneof(
  damaged(valid).map((answer) => JSON.stringify(answer) ?? ""),
  damaged({ status: "error", errorType: "bad_data", error: "why" }).map(
    (answer) => JSON.stringify(answer) ?? "",
  ),
  damagedText(JSON.stringify(valid)),
  anyJson.map((answer) => JSON.stringify(answer)),
  anyCharacters,
);
const anyStatus = fc.integer({ min: 100, max: 599 });
const names = fc.constantFrom("pod", "namespace", "constructor", "__proto__", "toString");

describe("an answer of a metrics server", () => {
  it("gives samples that are numbers at instants, or a failure in words; nothing throws on the way to counters", () => {
    fc.assert(
      fc.property(anyStatus, anyAnswer, names, fc.boolean(), (status, text, label, isOurs) => {
        const decoded = decodeAnswer(status, text, { isOurs });
        const samples = decoded.kind === "Samples" ? decoded.samples : [];
        for (const { labels, value, atMs } of samples) {
          expect(typeof value).toBe("number");
          expect(() => new Date(atMs).toISOString()).not.toThrow();
          expect(Object.values(labels).every((one) => typeof one === "string")).toBe(true);
        }
        const identity = { namespaceLabel: label, workloadLabel: "destination_workload" };
        const tally = tallySamples(samples, { identity, only: "", podLabel: label });
        const values = valuesOfSamples(samples, { identity, only: "" });
        for (const key of [...tally.keys(), ...values.keys(), "shop/orders"]) {
          countersFor({ kind: "Ratio", total: tally, bad: tally }, key);
          countersFor({ kind: "Latency", histogram: tally }, key);
          countersFor({ kind: "Value", values }, key);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("keeps every number as it was written, the ones that JSON has not too", () => {
    const written = (value: number): string => {
      if (Number.isNaN(value)) return "NaN";
      return Number.isFinite(value) ? String(value) : `${value < 0 ? "-" : "+"}Inf`;
    };
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 5 }), (numbers) => {
        const result = numbers.map((value) => ({ metric: {}, value: [1, written(value)] }));
        const text = JSON.stringify({ status: "success", data: { resultType: "vector", result } });
        const decoded = decodeAnswer(200, text, { isOurs: false });
        expect(decoded).toMatchObject({ kind: "Samples" });
        const values = decoded.kind === "Samples" ? decoded.samples.map(({ value }) => value) : [];
        expect(values.map((value) => value + 0)).toEqual(numbers.map((value) => value + 0));
      }),
    );
  });

  it("never makes the client reject, whatever comes as status, headers and bytes", async () => {
    const date = fc.oneof(
      fc.string(),
      fc.constantFrom("Sat, 13 Sep 275760 00:00:00 GMT", "0", "1e99"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 200, max: 599 }),
        anyAnswer,
        date,
        async (status, text, when) => {
          const body = [204, 205, 304].includes(status) ? null : new Response(text).body;
          const headers = new Map([
            ["date", when],
            ["location", text],
            ["content-length", when],
          ]);
          const client = createPrometheusClient({
            clock: createManualClock(),
            createTrustingFetch: nobodyIsTrusted,
            fetch: async () => ({
              status,
              headers: { get: (name) => headers.get(name) ?? null },
              body,
            }),
          });
          const query = { endpoint: { address: "http://p:9090" }, query: "up", timeoutMs: 1_000 };
          const answer = await client.instant(query);
          const message = answer.kind === "Error" ? answer.error.message : "";
          expect(message).not.toMatch(/\p{Cc}/u);
          expect(message.length).toBeLessThan(800);
        },
      ),
    );
  });

  it("moves our idea of its clock only by what a clock can show", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.date().map(String)), (date) => {
        const clocks = createServerClocks({ now: () => 1_767_225_600_000 });
        clocks.isCorrectedBy("http://p", date);
        expect(() =>
          new Date(clocks.atServer("http://p", 1_767_225_600_000)).toISOString(),
        ).not.toThrow();
      }),
    );
  });

  it("has bounds of buckets that are numbers or none", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.double().map(String)), { maxLength: 600 }),
        (texts) => {
          expect(thrownBy(() => texts.map(parseBound))).toBeUndefined();
          const bounds = [...boundsOf(texts).keys()];
          expect(bounds.every((bound) => Number.isFinite(bound))).toBe(true);
          expect(bounds.length).toBeLessThanOrEqual(512);
        },
      ),
    );
  });
});

describe("an address", () => {
  it("of a metrics server is asked without its password, or not at all", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom(
            "http://a",
            "https://b:9090/c?d#e",
            "http://[::1]:1/",
            "ftp://x",
            "https://u:p@h/",
          ),
          fc.string(),
          damagedText("https://user:s3cret-word@host:9090/path"),
        ),
        (address) => {
          const prepared = prepareEndpoint({ address, headers: { "X-A": address } });
          expect(prepared.address).not.toContain("s3cret-word@");
          expect(prepared.kind === "Ready" ? prepared.address : "http://x").toMatch(
            /^https?:\/\/[^?#]*$/,
          );
        },
      ),
    );
  });

  it("of somebody to be told is a URL or a refusal that does not show it", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom(
            "http://a",
            "https://b:9090/c?d#e",
            "http://[::1]:1/",
            "ftp://x",
            "https://u:p@h/",
          ),
          fc.string(),
          damagedText("https://hooks.example/s3cret-word"),
        ),
        (address) => {
          const url = parseAddress(address, "the field", "LoopbackHttp");
          expect(url instanceof URL || url.kind === "Refused").toBe(true);
          expect(url instanceof URL ? "" : url.because).not.toContain("s3cret-word");
          expect(url instanceof URL ? url.protocol : "https:").toMatch(/^https?:$/);
        },
      ),
    );
  });
});

describe("the answer to a message", () => {
  it("is an outcome, and of what it says at most one word is repeated", () => {
    fc.assert(
      fc.property(
        anyStatus,
        fc.oneof(anyAnswer, fc.string()),
        fc.constantFrom("Webhook", "WebApi"),
        (status, body, via) => {
          const answer = { kind: "Answer", status, body, retryAfterMs: undefined } as const;
          for (const delivery of [
            deliveryOf(answer, via),
            deliveryOfAnswer(answer, "the webhook"),
          ]) {
            const because = delivery.kind === "Delivered" ? "" : delivery.because;
            expect(because).toMatch(/^[\w .,:()'-]{0,140}$/);
          }
        },
      ),
    );
  });

  it("may ask for a wait of any form: a bounded one is kept, from 0 to 15 minutes", async () => {
    const header = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.date().map(String),
      fc.constantFrom("9".repeat(400), "-1", "0x10", "Thu, 01 Jan 1970 00:00:00 GMT", " 5 "),
    );
    await fc.assert(
      fc.asyncProperty(header, async (value) => {
        const get = (name: string) => (name === "retry-after" ? value : null);
        const fetch = async () => ({ status: 429, headers: { get }, body: null });
        const request = { url: new URL("https://a"), headers: {}, body: {} };
        const answer = await postJson({ fetch, clock: createManualClock() }, request);
        const wait = answer.kind === "Answer" ? (answer.retryAfterMs ?? 0) : Number.NaN;
        expect(wait >= 0 && wait <= 15 * 60_000).toBe(true);
      }),
    );
  });

  it("never throws, and shows no text of an error, whatever fetch rejects with", async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.string({ minLength: 4 }), async (thrown, text) => {
        const error = new TypeError(`s3cret-word ${text}`, { cause: thrown });
        for (const one of [thrown, error]) {
          const fetch = () => Promise.reject(one);
          const request = { url: new URL("https://a"), headers: {}, body: {} };
          const answer = await postJson({ fetch, clock: createManualClock() }, request);
          expect(JSON.stringify(answer)).not.toContain("s3cret-word");
        }
      }),
    );
  });
});

describe("what a Secret holds", () => {
  it("is used as text and token, or refused without being shown", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.string()),
        fc.oneof(fc.string(), names),
        async (data, key) => {
          const secrets = { read: async () => known(data) };
          const text = await readSecretKey(secrets, "shop", { name: "s", key });
          const token = await readToken(secrets, "shop", { name: "s", key });
          expect(text.kind === "Text" ? text.text : "x").not.toBe("");
          expect(token.kind === "Text" ? token.text : "x").toMatch(/^[\x21-\x7e]+$/);
        },
      ),
    );
  });
});
