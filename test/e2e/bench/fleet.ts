/**
 * A thousand idle Canaries on a real API server: what they ask of it, by its own counts, and how long a process that
 * starts takes until it knows them all.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { deployedNodeOptions } from "../../bench/deployed.ts";
import { atMost, type Measurement, median, spreadOf } from "../../bench/measurement.ts";
import { eventually } from "../../support/real-time.ts";
import { shopManifests } from "../../support/shop.ts";
import { type AskedFor, readAudit } from "../support/audit.ts";
import { kubectl } from "../support/kubectl.ts";
import { type SerinProcess, startSerin } from "../support/serin.ts";
import type { Suite } from "../support/suite.ts";

const canaries = 1_000;
const idleSeconds = 60;
const starts = 3;
const restedMs = 20_000;
const longestUnrestMs = 600_000;
const writersAtOnce = 8;
const namespace = "fleet";

export async function measureFleet(suite: Suite): Promise<readonly Measurement[]> {
  const { environment, replicas } = suite;
  // Nobody calls these services, so nobody has anything to tell.
  await Promise.all([environment.mesh.stop(), environment.istiod.child.stop()]);
  await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
  await createFleet(suite);
  const hasty = await startSerin(environment, {
    name: "hasty",
    env: { SERIN_QPS: "500", SERIN_BURST: "1000" },
  });
  await eventually("initialised", 600_000, async () => (await countInitialised(hasty)) >= canaries);
  await hasty.stop();
  const first = await coldStart(suite, "first");
  const idle = await measureIdle(suite, first.replica);
  await first.replica.stop();
  const startSeconds = [first.seconds];
  for (let start = 1; start < starts; start += 1) {
    const { replica, seconds } = await coldStart(suite, `start-${start}`);
    await replica.stop();
    startSeconds.push(seconds);
  }
  return [
    ...idle,
    {
      name: "cold start to all Canaries adopted",
      unit: "s",
      value: median(startSeconds),
      budget: atMost(5),
      spread: spreadOf(startSeconds),
      how: `${canaries} idle in one namespace: from the start of the process until /metrics shows each`,
    },
  ];
}

async function createFleet({ admin }: Suite): Promise<void> {
  const timeoutMs = 60_000;
  const post = (path: string, body: object) =>
    admin.request({ method: "POST", path, body, timeoutMs });
  const metadata = { name: namespace };
  await post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  const members = Array.from({ length: canaries }, (_, index) =>
    shopManifests({ name: `shop-${index}`, replicas: 1, requestsPerSecond: 0 })
      // All share the first one's templates.
      .filter(({ path }) => index === 0 || !path.endsWith("/analysistemplates")),
  ).values();
  await Promise.all(
    Array.from({ length: writersAtOnce }, async () => {
      for (const member of members)
        for (const { path, body } of member)
          await post(path.replace("/namespaces/shop/", `/namespaces/${namespace}/`), body);
    }),
  );
}

async function metricsOf({ health }: SerinProcess): Promise<string> {
  return (await fetch(`${health}/metrics`)).text();
}

async function countInitialised(replica: SerinProcess): Promise<number> {
  const text = await metricsOf(replica).catch(() => "");
  return text.match(/^serin_canary_phase\{.*phase="Initialized".*\} 1$/gm)?.length ?? 0;
}

async function coldStart(
  { environment }: Suite,
  name: string,
): Promise<{ readonly replica: SerinProcess; readonly seconds: number }> {
  const startedAt = performance.now();
  const nodeArguments = await deployedNodeOptions();
  const replica = await startSerin(environment, { name, nodeArguments });
  await eventually("adopted", 120_000, async () => {
    const text = await metricsOf(replica).catch(() => "");
    return (text.match(/^serin_canary_weight\{/gm)?.length ?? 0) >= canaries;
  });
  return { replica, seconds: (performance.now() - startedAt) / 1_000 };
}

async function measureIdle(
  { environment }: Suite,
  { name }: SerinProcess,
): Promise<readonly Measurement[]> {
  const { auditLog, adminKubeconfig } = environment.controlPlane;
  const audited = () => readAudit(auditLog);
  const served = async () =>
    countServed(await kubectl(adminKubeconfig, ["get", "--raw", "/metrics"]));
  await rest(async () => (await audited()).filter(isWork).length);
  const before = { asked: (await audited()).length, served: await served() };
  if (before.asked < canaries || before.served < canaries)
    throw new Error("initialising the fleet was not counted: neither would what it asks for be");
  await sleep(idleSeconds * 1_000);
  const asked = (await audited()).slice(before.asked);
  const after = await served();
  const minutes = idleSeconds / 60;
  const perMinute = (count: number) => (count / minutes).toFixed(1);
  const others = asked.filter(isWork);
  return [
    {
      name: "API requests of idle Canaries, per Canary and minute",
      unit: "",
      value: others.length / minutes / canaries,
      budget: atMost(0),
      how:
        `${canaries} idle, ${idleSeconds} s, the API server's audit log of ${name}; beside ` +
        `${perMinute(asked.filter(isLease).length)} for the Lease and ` +
        `${perMinute(asked.filter(({ verb }) => verb === "watch").length)} beginnings and ends of watches per minute`,
    },
    {
      name: "apiserver_request_total of Serin's and Istio's kinds, per Canary and minute",
      unit: "",
      value: (after - before.served) / minutes / canaries,
      budget: atMost(0),
      how: "the same minutes, whoever asked, without watches",
    },
  ];
}

/** What the start brought about, drains and messages, is over: nothing was asked for throughout a while. */
async function rest(countWork: () => Promise<number>): Promise<void> {
  let [seen, since] = [await countWork(), performance.now()];
  const startedAt = since;
  while (performance.now() - since < restedMs) {
    if (performance.now() - startedAt > longestUnrestMs)
      throw new Error(`no ${restedMs} ms without a request in ${longestUnrestMs} ms`);
    await sleep(1_000);
    const now = await countWork();
    if (now !== seen) [seen, since] = [now, performance.now()];
  }
}

const isWork = (request: AskedFor): boolean => !isLease(request) && request.verb !== "watch";
const isLease = ({ resource }: AskedFor): boolean => resource === "leases";

/** Requests but watches for the kinds that nobody but Serin reads and writes here. */
function countServed(metrics: string): number {
  let total = 0;
  for (const [, labels = "", value] of metrics.matchAll(
    /^apiserver_request_total\{(.*)\} (\S+)$/gm,
  ))
    if (/group="(serin\.dev|networking\.istio\.io)"/.test(labels) && !/verb="WATCH"/.test(labels))
      total += Number(value);
  return total;
}
