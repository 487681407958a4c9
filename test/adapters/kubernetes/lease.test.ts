import { describe, expect, it } from "vitest";
import { Lease } from "../../../src/adapters/kubernetes/lease.ts";
import { microTime } from "../../../src/adapters/kubernetes/lease-record.ts";
import { isRawObject, isRecord } from "../../../src/adapters/kubernetes/raw-object.ts";
import { createTransport } from "../../../src/adapters/kubernetes/transport.ts";
import type {
  HttpInit,
  HttpResponse,
} from "../../../src/adapters/kubernetes/transport-exchange.ts";
import { createContractServer } from "../../support/contract-server.ts";
import { fetchOf } from "../../support/embedded-api.ts";
import { createManualClock, settleTasks } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";

type Fetch = (url: string, init: HttpInit) => Promise<HttpResponse>;

const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/serin";

/** Several processes, one server, one time; each has a network of its own that a test may break. */
function setUp(chance = 0) {
  const clock = createManualClock();
  const server = createContractServer({ clock });
  const through = fetchOf(server);
  const story: string[] = [];
  const note = (text: string) => story.push(`${clock.monotonic()} ${text}`);
  const transportVia = (fetch: Fetch) =>
    createTransport({
      baseUrl: "http://api.test",
      fetch,
      clock,
      log: createRecordingLog(),
      random: () => 0,
      userAgent: "t",
    });
  const direct = transportVia(through);

  const log = createRecordingLog();

  function candidate(identity: string, namespace = "default") {
    const network: { fetch: Fetch } = { fetch: through };
    const lease = new Lease({
      transport: transportVia((url, init) => network.fetch(url, init)),
      namespace,
      name: "serin",
      identity,
      clock,
      log,
      random: () => chance,
      onAcquired: () => note(`${identity} acquired`),
      onLost: (reason) => note(`${identity} lost: ${reason}`),
    });
    /** Ends it whatever its network does, for tests that are about something else. */
    const end = () => {
      network.fetch = through;
      return lease.stop();
    };
    return { end, lease, network };
  }

  const read = async () => {
    const object = await direct.request({ method: "GET", path });
    if (!isRawObject(object) || !isRecord(object.spec)) throw new Error("no lease");
    return object.spec;
  };
  const patch = (spec: Record<string, unknown>) =>
    direct.request({ method: "PATCH", path, patch: "merge", body: { spec } });
  return { candidate, clock, direct, log, patch, read, story, through };
}

const silent: Fetch = () => new Promise(() => undefined);
const refused: Fetch = () => Promise.reject(new TypeError("fetch failed"));

describe("a lease", () => {
  it("is created by the first, renewed every 2 s, and held against the second", async () => {
    const { candidate, clock, read, story } = setUp();
    const [a, b] = [candidate("a"), candidate("b")];
    a.lease.start();
    await settleTasks();
    b.lease.start();
    await clock.run(60_000);
    expect(story).toEqual(["0 a acquired"]);
    expect([a.lease.isValid(), b.lease.isValid()]).toEqual([true, false]);
    expect(await read()).toEqual({
      holderIdentity: "a",
      leaseDurationSeconds: 15,
      acquireTime: "2026-01-01T00:00:00.000000Z",
      renewTime: "2026-01-01T00:01:00.000000Z",
      leaseTransitions: 0,
    });
    await Promise.all([a.lease.stop(), b.lease.stop()]);
    expect(clock.pending()).toBe(0);
  });

  it("goes to one only when two ask at once", async () => {
    const { candidate, clock, story } = setUp();
    const [a, b] = [candidate("a"), candidate("b")];
    a.lease.start();
    b.lease.start();
    await clock.run(30_000);
    expect(story).toHaveLength(1);
    expect(a.lease.isValid()).not.toBe(b.lease.isValid());
    await Promise.all([a.lease.stop(), b.lease.stop()]);
  });

  it("that was given back is another's within 2 s", async () => {
    const { candidate, clock, read, story } = setUp();
    const [a, b] = [candidate("a"), candidate("b")];
    a.lease.start();
    await settleTasks();
    b.lease.start();
    await clock.run(10_500);
    await a.lease.stop();
    expect(await read()).toMatchObject({ holderIdentity: "", leaseDurationSeconds: 1 });
    await clock.run(2_000);
    expect(story).toEqual(["0 a acquired", "10500 a lost: Released", "11000 b acquired"]);
    expect(await read()).toMatchObject({ holderIdentity: "b", leaseTransitions: 1 });
    await b.lease.stop();
  });

  it("of one that crashed right after renewing is another's within 16 s, not sooner than 15 s", async () => {
    const { candidate, clock, story } = setUp();
    const [a, b] = [candidate("a"), candidate("b")];
    a.lease.start();
    await settleTasks();
    b.lease.start();
    await clock.run(20_000);
    a.network.fetch = silent;
    await clock.run(16_000);
    expect(story.at(-1)).toMatch(/^3(5|6)\d{3} b acquired$/);
    await Promise.all([a.end(), b.end()]);
  });

  it("is never two processes' at once, however the network of one breaks", async () => {
    for (const broken of [silent, refused]) {
      const { candidate, clock, through } = setUp(0.5);
      const [a, b] = [candidate("a"), candidate("b")];
      a.lease.start();
      await settleTasks();
      b.lease.start();
      for (let seconds = 0; seconds < 120; seconds += 1) {
        a.network.fetch = seconds % 40 >= 12 ? broken : through;
        await clock.run(1_000);
        expect(a.lease.isValid() && b.lease.isValid()).toBe(false);
      }
      await Promise.all([a.end(), b.end()]);
    }
  });
});

describe("a lease in a namespace that is not there", () => {
  it("is asked for again and again, and people are told why", async () => {
    const { candidate, clock, log, story } = setUp();
    const { end, lease } = candidate("a", "nowhere");
    lease.start();
    await clock.run(10_000);
    expect(story).toEqual([]);
    const told = log.lines.filter(({ message }) => message === "lease request failed");
    expect(told.length).toBeGreaterThan(2);
    expect(told[0]?.fields).toMatchObject({
      what: "create",
      because: expect.stringContaining("nowhere"),
    });
    await end();
  });
});

describe("validity", () => {
  it("ends 10 s after the last renewal was sent, and the loss is told then", async () => {
    const { candidate, clock, story } = setUp();
    const { end, lease, network } = candidate("a");
    lease.start();
    await clock.run(4_000);
    network.fetch = silent;
    await clock.run(9_999);
    expect(lease.isValid()).toBe(true);
    await clock.run(1);
    expect(lease.isValid()).toBe(false);
    expect(story).toEqual(["0 a acquired", "14000 a lost: Expired"]);
    await end();
  });

  it("counts from before the renewal was sent, not from its answer", async () => {
    const { candidate, clock, through } = setUp();
    const { end, lease, network } = candidate("a");
    lease.start();
    await clock.run(3_000);
    network.fetch = async (url, init) => {
      await new Promise<void>((resolve) => {
        clock.setTimer(4_000, resolve);
      });
      network.fetch = silent;
      return through(url, init);
    };
    await clock.run(5_000);
    // Sent at 4 s, answered at 8 s.
    await clock.run(5_999);
    expect(lease.isValid()).toBe(true);
    await clock.run(1);
    expect(clock.monotonic()).toBe(14_000);
    expect(lease.isValid()).toBe(false);
    await end();
  });

  it("is over for a process that was stopped and wakes, before anything else runs in it", async () => {
    const { candidate, clock, story } = setUp();
    const { lease } = candidate("a");
    lease.start();
    await clock.run(4_000);
    clock.freeze(60_000);
    expect(lease.isValid()).toBe(false);
    await clock.run(5_000);
    expect(story).toEqual(["0 a acquired", "64000 a lost: Expired", "64000 a acquired"]);
    await lease.stop();
  });

  it("is not granted by an answer that comes too late", async () => {
    const { candidate, clock, story, through } = setUp();
    const { lease, network } = candidate("a");
    network.fetch = (url, init) => {
      if (init.method === "POST") clock.freeze(10_000);
      return through(url, init);
    };
    lease.start();
    await settleTasks();
    expect(lease.isValid()).toBe(false);
    expect(story).toEqual([]);
    await lease.stop();
  });

  it("does not care how the wall clock jumps", async () => {
    const { candidate, clock, story } = setUp();
    const [a, b] = [candidate("a"), candidate("b")];
    a.lease.start();
    await settleTasks();
    b.lease.start();
    for (const jumpMs of [86_400_000, -172_800_000, 3_600_000]) {
      clock.jumpWall(jumpMs);
      await clock.run(20_000);
    }
    expect(story).toEqual(["0 a acquired"]);
    await Promise.all([a.lease.stop(), b.lease.stop()]);
  });

  it("outlasts one renewal that fails", async () => {
    const { candidate, clock, story, through } = setUp();
    const { lease, network } = candidate("a");
    lease.start();
    await clock.run(4_000);
    network.fetch = silent;
    await clock.run(6_500);
    network.fetch = through;
    await clock.run(30_000);
    expect(story).toEqual(["0 a acquired"]);
    await lease.stop();
  });

  it("is not granted by an answer that names another holder", async () => {
    const { candidate, clock, story, through } = setUp();
    const { lease, network } = candidate("a");
    network.fetch = async (url, init) =>
      init.method === "GET" ? through(url, init) : new Response("{}", { status: 201 });
    lease.start();
    await clock.run(5_000);
    expect(lease.isValid()).toBe(false);
    expect(story).toEqual([]);
    await lease.stop();
  });
});

describe("a conflict on renewal", () => {
  it("by somebody who only labelled the lease changes nothing", async () => {
    const { candidate, clock, direct, story } = setUp();
    const { lease } = candidate("a");
    lease.start();
    await clock.run(3_000);
    const body = { metadata: { labels: { seen: "yes" } } };
    await direct.request({ method: "PATCH", path, patch: "merge", body });
    await clock.run(30_000);
    expect(story).toEqual(["0 a acquired"]);
    expect(await direct.request({ method: "GET", path })).toMatchObject({
      metadata: { labels: { seen: "yes" } },
      spec: { holderIdentity: "a" },
    });
    await lease.stop();
  });

  it("with another holder ends it at once, and the other is waited for", async () => {
    const { candidate, clock, patch, story } = setUp();
    const { lease } = candidate("a");
    lease.start();
    await clock.run(3_000);
    await patch({ holderIdentity: "other", renewTime: microTime(clock.now()) });
    await clock.run(1_000);
    expect(story).toEqual(["0 a acquired", "4000 a lost: Taken"]);
    expect(lease.isValid()).toBe(false);
    await clock.run(14_999);
    expect(story).toHaveLength(2);
    await clock.run(1);
    expect(story.at(-1)).toBe("19000 a acquired");
    await lease.stop();
  });

  it("because the lease was deleted creates it again", async () => {
    const { candidate, clock, direct, story } = setUp();
    const { lease } = candidate("a");
    lease.start();
    await clock.run(3_000);
    await direct.request({ method: "DELETE", path });
    await clock.run(3_000);
    expect(lease.isValid()).toBe(true);
    expect(story).toEqual(["0 a acquired"]);
    await lease.stop();
  });

  it("after a renewal whose answer was lost is resolved by reading", async () => {
    const { candidate, clock, story, through } = setUp();
    const { lease, network } = candidate("a");
    lease.start();
    await clock.run(3_000);
    network.fetch = async (url, init) => {
      await through(url, init);
      network.fetch = through;
      throw new TypeError("terminated");
    };
    await clock.run(20_000);
    expect(story).toEqual(["0 a acquired"]);
    expect(lease.isValid()).toBe(true);
    await lease.stop();
  });
});

describe("another's lease", () => {
  const foreign = (spec: Record<string, unknown>) => ({
    method: "POST" as const,
    path: path.replace(/\/serin$/, ""),
    body: {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "serin", namespace: "default" },
      spec,
    },
  });

  it.each([
    ["its own duration", { holderIdentity: "x", leaseDurationSeconds: 40 }, 40_000],
    ["15 s when it has none", { holderIdentity: "x" }, 15_000],
    ["5 min at most", { holderIdentity: "x", leaseDurationSeconds: 86_400 }, 300_000],
    ["no time when it is free", { leaseDurationSeconds: 40 }, 0],
    ["no time when it says nothing", {}, 0],
  ])("is waited for %s", async (_, spec, waitMs) => {
    const { candidate, clock, direct, story } = setUp();
    await direct.request(foreign(spec));
    const { lease } = candidate("a");
    lease.start();
    await clock.run(waitMs);
    expect(story).toEqual([`${waitMs} a acquired`]);
    await lease.stop();
  });
});

describe("stop", () => {
  it("gives back a lease whose renewal was under way", async () => {
    const { candidate, clock, read, story, through } = setUp();
    const { lease, network } = candidate("a");
    lease.start();
    await clock.run(1_500);
    network.fetch = async (url, init) => {
      await through(url, init);
      network.fetch = through;
      return new Promise(() => undefined);
    };
    await clock.run(500);
    await lease.stop();
    expect(await read()).toMatchObject({ holderIdentity: "" });
    expect(story).toEqual(["0 a acquired", "2000 a lost: Released"]);
  });

  it("leaves another's lease alone and takes no longer than its bounds", async () => {
    const { candidate, clock, patch, read } = setUp();
    const { lease, network } = candidate("a");
    lease.start();
    await clock.run(1_000);
    await patch({ holderIdentity: "other" });
    await lease.stop();
    expect(await read()).toMatchObject({ holderIdentity: "other" });

    const late = candidate("b");
    await patch({ holderIdentity: "" });
    late.lease.start();
    await clock.run(1_000);
    late.network.fetch = silent;
    const stopping = late.lease.stop();
    await clock.run(15_000);
    await stopping;
    expect(clock.pending()).toBe(0);
    void network;
  });
});

describe("a MicroTime", () => {
  it("has six digits", () => {
    expect(microTime(Date.parse("2026-11-21T08:00:00.007Z"))).toBe("2026-11-21T08:00:00.007000Z");
  });
});
