import { describe, expect, it } from "vitest";
import { createInformer } from "../../../src/adapters/kubernetes/informer.ts";
import { isRecord } from "../../../src/adapters/kubernetes/raw-object.ts";
import { createTransport } from "../../../src/adapters/kubernetes/transport.ts";
import type {
  HttpInit,
  HttpResponse,
} from "../../../src/adapters/kubernetes/transport-exchange.ts";
import { createApiServer } from "../../../src/sandbox/api-server/api-server.ts";
import { fetchOf } from "../../support/embedded-api.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { status } from "../../support/scripted-api.ts";

type Fetch = (url: string, init: HttpInit) => Promise<HttpResponse>;

const path = "/api/v1/namespaces/default/configmaps";
const configMaps = { group: "", version: "v1", plural: "configmaps", namespaced: true };

/** Mulberry32: small, seeded, good enough to choose faults. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Cuts a stream after some bytes, repeats its lines, or resets it. */
function disturbed(body: ReadableStream<Uint8Array>, random: () => number) {
  const lifetime = 1 + Math.floor(random() * 900);
  let bytes = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, out) {
        bytes += chunk.byteLength;
        if (bytes > lifetime) {
          out.enqueue(chunk.subarray(0, Math.floor(random() * chunk.byteLength)));
          if (random() < 0.5) out.terminate();
          else out.error(new TypeError("terminated"));
          return;
        }
        out.enqueue(chunk);
        if (random() < 0.2) out.enqueue(chunk);
      },
    }),
  );
}

function faulty(fetch: Fetch, random: () => number, isOn: () => boolean): Fetch {
  return async (url, init) => {
    if (!isOn()) return fetch(url, init);
    const chance = random();
    if (chance < 0.15) throw new TypeError("fetch failed");
    if (chance < 0.3)
      return await status(500, "InternalError")({ ...init, url: new URL(url), body: "" });
    if (chance < 0.35) return new Promise(() => undefined);
    const response = await fetch(url, init);
    if (!(response instanceof Response) || response.body === null || !init.streaming)
      return response;
    return new Response(disturbed(response.body, random), response);
  };
}

describe("an informer among faults", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed + 1))(
    "ends with what the server has, seed %i",
    async (seed) => {
      const random = randomFrom(seed);
      const clock = createManualClock();
      const log = createRecordingLog();
      const server = createApiServer({ clock });
      let isFaulty = true;
      let written = 0;
      const answers: unknown[] = [];
      const common = { baseUrl: "http://api.test", clock, log, random, userAgent: "t", burst: 500 };
      const direct = createTransport({ ...common, fetch: fetchOf(server) });
      const transport = createTransport({
        ...common,
        fetch: faulty(fetchOf(server), random, () => isFaulty),
      });
      const decode = ({ data }: Readonly<Record<string, unknown>>) =>
        isRecord(data) ? data.n : "";
      const informer = createInformer({
        transport,
        resource: configMaps,
        decode,
        clock,
        log,
        random,
      });
      // What a handler that only follows changes believes.
      const followed = new Map<string, unknown>();
      informer.onChange(({ key, before, after }) => {
        expect(before?.view).toBe(followed.get(key));
        if (after === undefined) followed.delete(key);
        else followed.set(key, after.view);
      });
      informer.start();

      for (let step = 0; step < 60; step += 1) {
        const name = `c-${Math.floor(random() * 6)}`;
        const data = { n: `${step}` };
        const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
        const quietly = async (work: Promise<unknown>): Promise<void> => {
          const answer = await work.catch(() => undefined);
          if (answer !== undefined) written += 1;
          answers.push(answer);
          // Some answers are heard at once, some late, some twice, some never.
          if (random() < 0.3) informer.observeWrite(answer);
          if (random() < 0.2) informer.observeWrite(answers[Math.floor(random() * answers.length)]);
        };
        const chance = random();
        if (chance < 0.35) await quietly(direct.request({ method: "POST", path, body }));
        else if (chance < 0.6) {
          await quietly(
            direct.request({
              method: "PATCH",
              path: `${path}/${name}`,
              patch: "merge",
              body: { data },
            }),
          );
        } else if (chance < 0.8) {
          await quietly(direct.request({ method: "DELETE", path: `${path}/${name}` }));
        } else if (chance < 0.85) server.cutWatches();
        else if (chance < 0.9) server.compact();
        await clock.run(Math.floor(random() * 3_000));
      }
      expect(written).toBeGreaterThan(10);
      isFaulty = false;
      await clock.run(180_000);

      const list = await direct.request({ method: "GET", path: "/api/v1/configmaps" });
      const items: readonly unknown[] =
        isRecord(list) && Array.isArray(list.items) ? list.items : [];
      const versionsOf = (objects: readonly unknown[]) =>
        objects
          .map((one) => (isRecord(one) && isRecord(one.metadata) ? one.metadata : {}))
          .map(({ name, resourceVersion }) => `${String(name)}@${String(resourceVersion)}`)
          .toSorted();
      expect(versionsOf(informer.list().map(({ raw }) => raw))).toEqual(versionsOf(items));
      expect(followed.size).toBe(items.length);
      await informer.stop();
      expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
    },
  );
});
