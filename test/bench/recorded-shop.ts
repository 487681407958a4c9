/**
 * A shop as the world left it, idle and in the middle of a release, to be multiplied: fleets begin with objects that
 * a real life has written, not with invented ones.
 */
import { z } from "zod";
import { isRawObject, type RawObject } from "../../src/adapters/kubernetes/raw-object.ts";
import { hashTemplate } from "../../src/adapters/kubernetes/workloads/template-hash.ts";
import { openShop } from "../support/running-shop.ts";
import { shopNamespace } from "../support/shop.ts";
import type { World } from "../support/world.ts";

/** One object and the collection it is in, below its namespace. */
export interface RecordedObject {
  /** With the namespace left out: `/apis/apps/v1/` and `deployments`. */
  readonly prefix: string;
  readonly plural: string;
  readonly object: RawObject;
}

export interface RecordedShop {
  readonly idle: readonly RecordedObject[];
  readonly running: readonly RecordedObject[];
  /** Wall time of the recording, ms. */
  readonly at: number;
}

/** Name of the recorded service, and of all that belongs to it. */
export const recordedName = "orders";
/** Seconds between two checks of a recorded Canary. */
export const recordedIntervalSeconds = 2;

const collections = [
  ["/apis/apps/v1/", "deployments"],
  ["/apis/apps/v1/", "replicasets"],
  ["/apis/apps/v1/", "controllerrevisions"],
  ["/api/v1/", "services"],
  ["/api/v1/", "pods"],
  ["/apis/networking.istio.io/v1/", "destinationrules"],
  ["/apis/networking.istio.io/v1/", "virtualservices"],
  ["/apis/serin.dev/v1alpha1/", "canaries"],
] as const;

/** Lives through an initialisation and the beginning of a release that stays at 10 %. */
export async function recordShop(intervalSeconds = recordedIntervalSeconds): Promise<RecordedShop> {
  const metric = (name: string, template: string, max: number) => ({
    name,
    templateRef: { kind: "ClusterAnalysisTemplate", name: template },
    limit: { max },
  });
  const { world, shop } = await openShop({
    spec: {
      stages: [{ weight: 10, minSeconds: 86_400, maxSeconds: 86_400 }, { weight: 100 }],
      analysis: {
        intervalSeconds,
        warmupSeconds: 2,
        metrics: [
          metric("error-rate", "istio-error-rate", 5),
          metric("latency-p99", "istio-latency-p99", 500),
        ],
      },
    },
  });
  try {
    await world.advance(60_000);
    const idle = await dump(world);
    await shop.push("2");
    await world.until(
      "confirmed at 10 %",
      async () => (await shop.status()).release?.stage?.trafficConfirmedAt !== undefined,
      120_000,
    );
    await world.advance(60_000);
    return { idle, running: await dump(world), at: world.clock.now() };
  } finally {
    await world.close();
  }
}

const List = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  items: z.array(z.custom<RawObject>(isRawObject)),
});

async function dump(world: World): Promise<readonly RecordedObject[]> {
  const objects: RecordedObject[] = [];
  for (const [prefix, plural] of collections) {
    const path = `${prefix}namespaces/${shopNamespace}/${plural}`;
    const list = List.parse(await world.sandbox.admin.request({ method: "GET", path }));
    // The items of built-in kinds do not say what they are.
    const named = { apiVersion: list.apiVersion, kind: list.kind.replace(/List$/, "") };
    for (const item of list.items) objects.push({ prefix, plural, object: { ...named, ...item } });
  }
  return objects;
}

/** Hashes of the pod templates that the recorded objects hold, as Serin names them. */
export function hashesOf(objects: readonly RecordedObject[]): readonly string[] {
  return objects
    .filter(({ plural }) => plural === "deployments" || plural === "replicasets")
    .flatMap(({ object: { spec } }) => {
      const { template } = Spec.parse(spec);
      // Primary and target differ in the selector's label; what Serin names is the target's.
      const text = JSON.stringify(template).replaceAll(/"app":"([^"]*)-primary"/g, '"app":"$1"');
      return [hashTemplate(Template.parse(JSON.parse(text)))];
    });
}

const Template = z.record(z.string(), z.unknown());
const Spec = z.looseObject({ template: Template });
