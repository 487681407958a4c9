/** Watches and lists as broken or hostile servers send them: cut anywhere, no JSON, no events, without end. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError, apiErrorOf, toOurError } from "../../../src/adapters/kubernetes/api-error.ts";
import { createInformer } from "../../../src/adapters/kubernetes/informer.ts";
import { watchEventOf } from "../../../src/adapters/kubernetes/list-watch-event.ts";
import { listAll } from "../../../src/adapters/kubernetes/list-watch-pages.ts";
import { createSecrets } from "../../../src/adapters/kubernetes/secrets.ts";
import { createTransport } from "../../../src/adapters/kubernetes/transport.ts";
import {
  parseJson,
  readJsonLines,
  readText,
} from "../../../src/adapters/kubernetes/transport-body.ts";
import { InvariantError, RetryableError, StallError } from "../../../src/ports/errors.ts";
import { anyCharacters, anyJson, damagedText, thrownBy } from "../../support/hostile.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";

async function* chunksOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  let from = 0;
  for (const place of [...places, bytes.length]) {
    yield bytes.subarray(from, place);
    from = place;
  }
}

async function linesOf(bytes: Uint8Array, cuts: readonly number[], maxLineBytes = 1_000_000) {
  const lines: unknown[] = [];
  try {
    for await (const line of readJsonLines(chunksOf(bytes, cuts), maxLineBytes)) lines.push(line);
    return { lines, error: undefined };
  } catch (error) {
    return { lines, error };
  }
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");
const cuts = fc.array(fc.nat(5_000), { maxLength: 12 });
const isDeclared = (error: unknown): boolean =>
  error === undefined || error instanceof RetryableError || error instanceof ApiError;

describe("the lines of a watch", () => {
  it("are the same wherever the chunks are cut, within a character too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyJson, { maxLength: 6 }), cuts, async (values, at) => {
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
        const { lines, error } = await linesOf(bytesOf(text), at);
        expect(error).toBeUndefined();
        expect(JSON.stringify(lines)).toBe(JSON.stringify(values));
      }),
    );
  });

  it("end with an error that is declared, after every line that came whole before it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyJson, { maxLength: 4 }),
        fc.uint8Array(),
        cuts,
        async (values, junk, at) => {
          const whole = bytesOf(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
          const { lines, error } = await linesOf(Buffer.concat([whole, junk]), at);
          expect(isDeclared(error)).toBe(true);
          expect(JSON.stringify(lines.slice(0, values.length))).toBe(JSON.stringify(values));
        },
      ),
    );
  });

  it.each([
    [1_000, "ResponseTooLarge"],
    [999, "StreamCut"],
  ])("may have 1,000 bytes with that bound: of %d more the end is %s", async (more, reason) => {
    const { error } = await linesOf(bytesOf(`"${"x".repeat(more)}`), [], 1_000);
    expect(error).toMatchObject({ reason });
  });

  it("of any length are never kept beyond the bound", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1_024;
        yield new Uint8Array(1_024).fill(0x20);
      }
    }
    const lines = readJsonLines(endless(), 64 * 1_024);
    await expect(lines.next()).rejects.toMatchObject({ reason: "ResponseTooLarge" });
    expect(given).toBeLessThanOrEqual(66 * 1_024);
    given = 0;
    await expect(readText(endless(), 64 * 1_024)).rejects.toMatchObject({
      reason: "ResponseTooLarge",
    });
    expect(given).toBeLessThanOrEqual(66 * 1_024);
  });
});

describe("one line", () => {
  it("is an event, or an error that asks for a new list", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyJson,
          fc.record(
            {
              type: fc.constantFrom("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "OTHER"),
              object: fc.oneof(
                anyJson,
                fc.record({ metadata: anyJson }),
                fc.record({ code: anyJson }),
              ),
            },
            { requiredKeys: [] },
          ),
        ),
        (line) => {
          const error = thrownBy(() => watchEventOf(line));
          expect(error === undefined || error instanceof RetryableError).toBe(true);
        },
      ),
    );
  });

  it("that is no JSON shows nothing of itself, since it may be a Secret's", () => {
    fc.assert(
      fc.property(damagedText('{"data":{"password":"c2VjcmV0LXZhbHVl"}}'), (text) => {
        const error = thrownBy(() => parseJson(text));
        expect(error instanceof Error ? error.message : "").not.toMatch(/c2Vjc|password/);
        expect(isDeclared(error)).toBe(true);
      }),
    );
  });
});

describe("an answer of the API server", () => {
  const at = { path: "/api/v1/pods", query: {}, signal: new AbortController().signal };
  const answering = (...answers: readonly unknown[]) => {
    const left = [...answers];
    return {
      request: async () => left.shift(),
      stream: () => Promise.reject(new Error("not asked for")),
      inFlight: 0,
    };
  };

  it("is a list of objects, or an error that is declared", async () => {
    const page = fc.record(
      {
        metadata: fc.oneof(
          anyJson,
          fc.record({ resourceVersion: fc.constant("1"), continue: anyJson }),
        ),
        items: fc.oneof(anyJson, fc.array(fc.oneof(anyJson, fc.record({ metadata: anyJson })))),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(page, anyJson), page, async (first, second) => {
        const list = listAll({ ...at, transport: answering(first, second) });
        const error: unknown = await list.then(() => undefined).catch((one: unknown) => one);
        expect(isDeclared(error)).toBe(true);
      }),
    );
  });

  it("that refuses becomes one of the three errors, with a bounded message", () => {
    fc.assert(
      fc.property(fc.integer({ min: 300, max: 599 }), anyJson, anyJson, (code, body, message) => {
        const answers = [body, { kind: "Status", message, details: body, reason: message }];
        for (const answer of answers) {
          const error = toOurError(apiErrorOf({ request: "GET pods", code, body: answer }));
          const isOurs = [RetryableError, StallError, InvariantError].some(
            (kind) => error instanceof kind,
          );
          expect(isOurs).toBe(true);
          expect(error.message.length).toBeLessThan(1_200);
        }
      }),
    );
  });

  it("that is to be a Secret is one, or a fact that shows nothing of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyJson, fc.record({ data: anyJson })), async (answer) => {
        const transport = { request: async () => answer };
        const secret = await createSecrets({ transport, clock: createManualClock() }).read(
          "shop",
          "s",
        );
        expect(
          secret.kind === "Known" || secret.because.startsWith("Secret shop/s could not be read"),
        ).toBe(true);
      }),
    );
  });
});

describe("a cache behind a server that sends nonsense now and then", () => {
  const pods = { group: "", version: "v1", plural: "pods", namespaced: true };
  const podOf = (name: string, version: number) => ({
    metadata: { namespace: "shop", name, resourceVersion: String(version) },
  });
  const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
  const nonsense = fc.oneof(
    fc.constantFrom(
      "{",
      "null\n",
      '{"type":"ADDED"}\n',
      "\u0000\n",
      '{"type":"NEW","object":{}}\n',
    ),
    fc.constant(event("ERROR", { kind: "Status", code: 410, reason: "Expired" })),
    fc.constant(event("ERROR", "nonsense")),
    fc.constant(event("BOOKMARK", { metadata: {} })),
    anyCharacters,
    anyJson.map((value) => `${JSON.stringify(value)}\n`),
  );
  const change = fc.record({
    name: fc.constantFrom("a", "b", "c", "__proto__", "constructor"),
    isGone: fc.boolean(),
    before: fc.option(nonsense, { nil: "" }),
  });

  it("has in the end every object that the server has, and no other", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 12 }),
        fc.nat(3),
        async (changes, perWatch) => {
          const clock = createManualClock();
          const truth = new Map<string, number>();
          const left = [...changes];
          let version = 1;
          const history: { readonly at: number; readonly line: string }[] = [];
          /** All that has happened since a version, and a few changes more, nonsense before some of them. */
          const says = (since: number): string => {
            const past = history.filter(({ at }) => at > since).map(({ line }) => line);
            const news = left.splice(0, perWatch + 1).map(({ name, isGone, before }) => {
              version += 1;
              if (isGone) truth.delete(name);
              else truth.set(name, version);
              const line = event(isGone ? "DELETED" : "MODIFIED", podOf(name, version));
              history.push({ at: version, line });
              return before + line;
            });
            return [...past, ...news].join("");
          };
          const log = createRecordingLog();
          const transport = createTransport({
            baseUrl: "http://api.test",
            clock,
            log,
            random: () => 0.5,
            userAgent: "test",
            fetch: async (url) => {
              const query = new URL(url).searchParams;
              if (query.has("watch"))
                return new Response(says(Number(query.get("resourceVersion"))));
              const items = [...truth].map(([name, at]) => podOf(name, at));
              return Response.json({ metadata: { resourceVersion: String(version) }, items });
            },
          });
          const informer = createInformer({
            transport,
            resource: pods,
            clock,
            log,
            random: () => 0.5,
            decode: ({ metadata }) => metadata.resourceVersion,
          });
          informer.start();
          for (let round = 0; round < 60 && (left.length > 0 || round < 8); round += 1)
            await clock.run(31_000);
          const seen = informer
            .list()
            .map(({ raw }) => [raw.metadata.name, Number(raw.metadata.resourceVersion)] as const);
          await informer.stop();
          expect(left).toEqual([]);
          expect(new Map(seen)).toEqual(truth);
        },
      ),
      { numRuns: 25 },
    );
  });
});
