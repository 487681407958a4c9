import { describe, expect, it } from "vitest";
import { createListWatch, type Listing } from "../../../src/adapters/kubernetes/list-watch.ts";
import { createTransport } from "../../../src/adapters/kubernetes/transport.ts";
import { createManualClock, settleTasks } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import {
  type Answer,
  createOpenBody,
  createScriptedApi,
  json,
  status,
} from "../../support/scripted-api.ts";

const pods = { group: "", version: "v1", plural: "pods", namespaced: true };

const pod = (name: string, resourceVersion: string) => ({
  metadata: { namespace: "shop", name, resourceVersion },
});

const podList = (resourceVersion: string, items: unknown[] = [], next?: string): Answer =>
  json({
    apiVersion: "v1",
    kind: "PodList",
    metadata: { resourceVersion, ...(next === undefined ? {} : { continue: next }) },
    items,
  });

const endedWatch: Answer = () => new Response("");

function setUp(...answers: Answer[]) {
  const api = createScriptedApi(...answers);
  const clock = createManualClock();
  const log = createRecordingLog();
  const seen: string[] = [];
  const transport = createTransport({
    baseUrl: "http://api.test",
    fetch: api.fetch,
    clock,
    log,
    random: () => 0.5,
    userAgent: "test",
  });
  const listWatch = createListWatch({
    transport,
    resource: pods,
    labelSelector: "app=orders",
    clock,
    log,
    random: () => 0.5,
    sink: {
      listed: ({ items, resourceVersion, rewound }: Listing) => {
        const names = items.map(({ metadata }) => metadata.name).join(",");
        seen.push(`list ${resourceVersion}: ${names}${rewound ? " (rewound)" : ""}`);
      },
      changed: ({ type, object }) => seen.push(`${type} ${object.metadata.name}`),
      notServed: () => seen.push("not served"),
    },
  });
  const requests = () =>
    api.sent.map(({ url }) => {
      const {
        watch,
        resourceVersion,
        limit,
        continue: next,
      } = Object.fromEntries(url.searchParams);
      if (watch === "true") return `watch ${resourceVersion}`;
      return `list${limit === undefined ? "" : ` ${limit}`}${next === undefined ? "" : ` ${next}`}`;
    });
  return { api, clock, listWatch, log, requests, seen };
}

async function started(...answers: Answer[]) {
  const all = setUp(...answers);
  all.listWatch.start();
  await settleTasks();
  return all;
}

describe("a list", () => {
  it("is read page by page and told as one", async () => {
    const { requests, seen } = await started(
      podList("7", [pod("a", "1"), pod("b", "2")], "p2"),
      podList("7", [pod("c", "3")]),
    );
    expect(requests()).toEqual(["list 500", "list 500 p2", "watch 7"]);
    expect(seen).toEqual(["list 7: a,b,c"]);
  });

  it("whose continue token expired is read again in one piece", async () => {
    const { requests, seen } = await started(
      podList("7", [pod("a", "1")], "p2"),
      status(410, "Expired"),
      podList("9", [pod("b", "8")]),
    );
    expect(requests()).toEqual(["list 500", "list 500 p2", "list", "watch 9"]);
    expect(seen).toEqual(["list 9: b"]);
  });

  it("gives its items the kind that it names once", async () => {
    const kinds: unknown[] = [];
    const { api, clock, log } = setUp();
    api.answers.push(podList("1", [pod("a", "1")]));
    const listWatch = createListWatch({
      transport: createTransport({
        baseUrl: "http://api.test",
        fetch: api.fetch,
        clock,
        log,
        random: () => 0,
        userAgent: "t",
      }),
      resource: pods,
      clock,
      log,
      random: () => 0,
      sink: {
        listed: ({ items }) =>
          kinds.push(...items.map(({ apiVersion, kind }) => [apiVersion, kind])),
        changed: () => undefined,
        notServed: () => undefined,
      },
    });
    listWatch.start();
    await settleTasks();
    expect(kinds).toEqual([["v1", "Pod"]]);
  });

  it("that fails is asked again for ever, ever more slowly, at most every 30 s", async () => {
    const failures = Array.from({ length: 60 }, () => status(500, "InternalError"));
    const { api, clock, seen } = await started(...failures);
    const times: number[] = [];
    for (let sent = 0; sent < api.sent.length || times.length < 12; ) {
      sent = api.sent.length;
      await clock.run((clock.nextDueAt() ?? 0) - clock.monotonic());
      times.push(clock.monotonic());
    }
    const waits = times.map((at, index) => at - (times[index - 1] ?? 0));
    // random() = 0.5 makes each wait three quarters of the full one.
    expect(waits.slice(0, 10)).toEqual([
      187.5, 375, 750, 1500, 3000, 6000, 12_000, 22_500, 22_500, 22_500,
    ]);
    api.answers.splice(0, api.answers.length, podList("3"));
    await clock.run(30_000);
    expect(seen).toEqual(["list 3: "]);
  });

  it.each([
    ["null items", { metadata: { resourceVersion: "4" }, items: null }, "list 4: "],
    ["no version", { metadata: {}, items: [] }, undefined],
    ["an item without a name", { metadata: { resourceVersion: "4" }, items: [{}] }, undefined],
    ["no object at all", 7, undefined],
  ])("with %s does not end the loop", async (_, body, told) => {
    const { clock, seen } = await started(json(body), podList("5"));
    await clock.run(1_000);
    expect(seen.at(0)).toBe(told ?? "list 5: ");
  });

  it("of an unknown kind is reported and asked for again", async () => {
    const { clock, seen } = await started(status(404, "NotFound"), podList("5"));
    expect(seen).toEqual(["not served"]);
    await clock.run(1_000);
    expect(seen).toEqual(["not served", "list 5: "]);
  });
});

describe("a watch", () => {
  it("asks for bookmarks and for 300 s, a little more or less", async () => {
    const { api } = await started(podList("7"));
    expect(Object.fromEntries(api.sent[1]?.url.searchParams ?? [])).toEqual({
      watch: "true",
      resourceVersion: "7",
      allowWatchBookmarks: "true",
      timeoutSeconds: "300",
      labelSelector: "app=orders",
    });
  });

  it("that ended cleanly is resumed at once from the last version", async () => {
    const body = createOpenBody();
    const { clock, requests, seen } = await started(podList("7"), body.answer);
    body.event("ADDED", pod("a", "8"));
    body.event("MODIFIED", pod("a", "9"));
    body.event("DELETED", pod("a", "11"));
    body.event("BOOKMARK", { metadata: { resourceVersion: "20" } });
    await clock.run(1_000);
    body.end();
    await settleTasks();
    expect(seen).toEqual(["list 7: ", "Set a", "Set a", "Deleted a"]);
    expect(requests()).toEqual(["list 500", "watch 7", "watch 20"]);
    expect(clock.monotonic()).toBe(1_000);
  });

  it("never goes back to an older version, whatever order events come in", async () => {
    const body = createOpenBody();
    const { clock, requests } = await started(podList("7"), body.answer);
    body.event("MODIFIED", pod("a", "12"));
    body.event("MODIFIED", pod("b", "10"));
    await clock.run(1_000);
    body.end();
    await settleTasks();
    expect(requests().at(-1)).toBe("watch 12");
  });

  it("that ends as soon as it began is not resumed in a hot loop", async () => {
    const { api, clock } = await started(
      podList("7"),
      ...Array.from({ length: 99 }, () => endedWatch),
    );
    await clock.run(60_000);
    expect(api.sent.length).toBeLessThan(12);
  });

  it("that was cut inside a line goes on from the last whole one", async () => {
    const body = createOpenBody();
    const { clock, requests, seen } = await started(podList("7"), body.answer);
    body.event("ADDED", pod("a", "8"));
    body.write('{"type":"ADDED","object":{"metada');
    body.end();
    await clock.run(1_000);
    expect(seen).toEqual(["list 7: ", "Set a"]);
    expect(requests()).toEqual(["list 500", "watch 7", "watch 8"]);
  });

  it("whose connection was reset goes on from the last version", async () => {
    const body = createOpenBody();
    const { clock, requests } = await started(podList("7"), body.answer);
    body.fail();
    await clock.run(1_000);
    expect(requests()).toEqual(["list 500", "watch 7", "watch 7"]);
  });

  it("that fell silent is begun again at once, and nobody is alarmed", async () => {
    const { clock, requests, log } = await started(podList("7"), createOpenBody().answer);
    await clock.run(90_001);
    expect(requests()).toEqual(["list 500", "watch 7", "watch 7"]);
    expect(log.lines.filter(({ level }) => level === "warn")).toEqual([]);
  });

  it("that fell silent because nobody is there any more is told when the next one fails", async () => {
    const refused: Answer = () => Promise.reject(new TypeError("fetch failed"));
    const { clock, log } = await started(podList("7"), createOpenBody().answer, refused);
    await clock.run(90_001);
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  it.each([
    ["as an answer", status(410, "Expired")],
    [
      "in the stream",
      () =>
        new Response('{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'),
    ],
  ])("told 410 %s leads to a new list", async (_, gone) => {
    const { clock, requests, seen } = await started(podList("7"), gone, podList("30"));
    await clock.run(1_000);
    expect(requests()).toEqual(["list 500", "watch 7", "list 500", "watch 30"]);
    expect(seen).toEqual(["list 7: ", "list 30: "]);
  });

  it("told 410 by a server that was away lists at once, and not ever again at once", async () => {
    const refused: Answer = () => Promise.reject(new TypeError("fetch failed"));
    const gone = status(410, "Expired");
    const away = Array.from({ length: 9 }, () => refused);
    const busy = status(503, "ServiceUnavailable");
    const back = [busy, gone, podList("30")];
    const { api, clock, requests } = await started(podList("7"), ...away, ...back);
    while (api.sent.length < 12) await clock.run((clock.nextDueAt() ?? 0) - clock.monotonic());
    await clock.run(250);
    expect(requests().slice(-2)).toEqual(["list 500", "watch 30"]);

    api.answers.push(...Array.from({ length: 40 }, () => [gone, podList("30")]).flat());
    const before = api.sent.length;
    await clock.run(60_000);
    expect(api.sent.length - before).toBeLessThan(24);
  });

  it("told another error goes on from where it was, and lists after three", async () => {
    const broken: Answer = () =>
      new Response('{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd"}}\n');
    const { clock, requests } = await started(podList("7"), broken, broken, broken, podList("9"));
    await clock.run(5_000);
    expect(requests()).toEqual([
      "list 500",
      "watch 7",
      "watch 7",
      "watch 7",
      "list 500",
      "watch 9",
    ]);
  });

  it("waits as long as it is told to", async () => {
    const busy = status(429, "TooManyRequests", "busy", { "retry-after": "20" });
    const { clock, requests } = await started(podList("7"), busy);
    await clock.run(19_999);
    expect(requests()).toHaveLength(2);
    await clock.run(1);
    expect(requests()).toHaveLength(3);
  });

  it("is not listed afresh because the network was down for long", async () => {
    const refused: Answer = () => Promise.reject(new TypeError("fetch failed"));
    const { clock, requests } = await started(podList("7"), refused, refused, refused, refused);
    await clock.run(60_000);
    expect(requests().filter((request) => request.startsWith("list"))).toHaveLength(1);
  });

  it.each([
    '"text"',
    "{}",
    '{"type":"ADDED"}',
    '{"type":"NEW","object":{"metadata":{"name":"a","resourceVersion":"8"}}}',
    "no json",
  ])("with the line %s leads to a new list, since a change may be lost", async (line) => {
    const { clock, requests } = await started(
      podList("7"),
      () => new Response(`${line}\n`),
      podList("9"),
    );
    await clock.run(1_000);
    expect(requests()).toEqual(["list 500", "watch 7", "list 500", "watch 9"]);
  });

  it("knows a history that went back from the version of a list", async () => {
    const { clock, seen } = await started(podList("70"), status(410, "Expired"), podList("30"));
    await clock.run(1_000);
    expect(seen.at(-1)).toBe("list 30:  (rewound)");
  });
});

describe("stop", () => {
  it.each([
    ["a list", []],
    ["a watch", [podList("7")]],
    ["a silent stream", [podList("7"), createOpenBody().answer]],
    ["back-off", [status(500, "InternalError")]],
  ])("during %s ends all at once", async (_, answers: Answer[]) => {
    const { api, clock, listWatch, log } = await started(...answers);
    const sent = api.sent.length;
    await listWatch.stop();
    expect(clock.pending()).toBe(0);
    await clock.run(600_000);
    expect(api.sent).toHaveLength(sent);
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("lets start begin afresh, with a list", async () => {
    const { api, listWatch, requests } = await started(podList("7"));
    await listWatch.stop();
    api.answers.push(podList("8"));
    listWatch.start();
    await settleTasks();
    expect(requests()).toEqual(["list 500", "watch 7", "list 500", "watch 8"]);
  });
});
