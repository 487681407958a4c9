/** Objects as no API server should send them: each either decodes or is a problem of its own that names the field. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZodError } from "zod";
import {
  decodeAlertProvider,
  decodeCanary,
  decodeFinalizers,
  decodeTemplate,
  isEnding,
} from "../../../src/adapters/kubernetes/cluster/decode.ts";
import { InformerCache } from "../../../src/adapters/kubernetes/informer-cache.ts";
import { leaseRecordOf } from "../../../src/adapters/kubernetes/lease-record.ts";
import {
  isRawObject,
  isRecord,
  type RawObject,
} from "../../../src/adapters/kubernetes/raw-object.ts";
import { decodeSpecRevision } from "../../../src/adapters/kubernetes/spec-revisions/decode.ts";
import {
  decodeAutoscaler,
  decodeDeployment,
  decodeImages,
  decodeLabels,
  decodeOwnedTemplate,
  decodePod,
  decodeSavedTemplate,
} from "../../../src/adapters/kubernetes/workloads/decode.ts";
import { podEvidence } from "../../../src/adapters/kubernetes/workloads/pod-evidence.ts";
import {
  decodeNetworkPolicy,
  decodeSelecting,
} from "../../../src/adapters/kubernetes/workloads/selecting-objects.ts";
import {
  decodeDestinationRule,
  decodeService,
  decodeVirtualService,
} from "../../../src/adapters/traffic/istio/decode.ts";
import { findWriter } from "../../../src/adapters/traffic/istio/route-writer.ts";
import { AlertProviderSpec } from "../../../src/api/alert-provider.ts";
import { AnalysisTemplateSpec } from "../../../src/api/analysis-template.ts";
import { CanarySpec } from "../../../src/api/canary-spec.ts";
import { CanaryStatus } from "../../../src/api/canary-status.ts";
import { describeCanary } from "../../../src/cli/canary-detail.ts";
import { toView } from "../../../src/cli/canary-objects.ts";
import { openCommandOf } from "../../../src/cli/open-command.ts";
import { pastStatus } from "../../../src/controller/past-status.ts";
import { anyJson, damaged, thrownBy } from "../../support/hostile.ts";
import { findManifest, readManifests } from "../../support/manifests.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { now, progressing } from "../../support/snapshots.ts";

const look = { width: 80, paint: (_: unknown, text: string) => text, now };
const shop = readManifests("deploy/examples/order-service");
const metadata = {
  namespace: "shop",
  name: "orders",
  uid: "u-1",
  resourceVersion: "7",
  generation: 2,
  creationTimestamp: "2026-11-21T12:00:00Z",
  labels: { app: "orders", "serin.dev/canary": "orders" },
  annotations: { "serin.dev/abort": "why", "serin.dev/command": '{"id":"1"}' },
  ownerReferences: [{ uid: "u-0" }],
  finalizers: ["serin.dev/finalizer"],
};
const served = (kind: string, name?: string) => {
  const { spec, data } = findManifest(shop, kind, name);
  return { metadata, spec, data };
};
const canary = { ...served("Canary"), status: progressing(1, "confirmed") };
const container = {
  name: "web",
  restartCount: 3,
  state: { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
  lastState: { terminated: { exitCode: 1, reason: "Error" } },
};
const pod = {
  metadata,
  status: {
    phase: "Running",
    startTime: "2026-11-21T12:00:00Z",
    conditions: [{ type: "Ready", status: "False", lastTransitionTime: "2026-11-21T12:00:01Z" }],
    containerStatuses: [container],
    initContainerStatuses: [container],
  },
};
const { spec: deployment } = served("Deployment");
const policy = {
  metadata,
  spec: {
    podSelector: { matchLabels: { app: "orders" } },
    selector: { matchExpressions: [{ key: "app", operator: "In", values: ["orders"] }] },
    ingress: [
      { from: [{ podSelector: { matchLabels: { app: "callers" } } }], ports: [{ port: 1 }] },
    ],
  },
};
const template = findManifest(
  readManifests("analysis-templates"),
  "ClusterAnalysisTemplate",
  "istio-error-rate",
);
const lease = {
  metadata,
  spec: { holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 1, renewTime: "x" },
};
const revision = {
  metadata,
  revision: 3,
  data: {
    canary: { name: "orders", uid: "u-1" },
    release: "r-1",
    spec: canary.spec,
    templates: [{ kind: "ClusterAnalysisTemplate", name: "t", spec: template.spec }],
  },
};
const saved = { metadata, revision: 1, data: { spec: { template: deployment.template } } };
const writers = { manager: "argocd", time: "2026-11-21T12:00:00Z", fieldsV1: { "f:spec": {} } };
const routed = { ...served("VirtualService"), metadata: { ...metadata, managedFields: [writers] } };

/** Every decoder of an object, and an object that it can read. */
const decoders: readonly (readonly [name: string, (raw: RawObject) => unknown, valid: unknown])[] =
  [
    ["decodeCanary", decodeCanary, canary],
    ["decodeFinalizers", decodeFinalizers, canary],
    ["isEnding", isEnding, canary],
    ["decodeTemplate", decodeTemplate, template],
    ["decodeAlertProvider", decodeAlertProvider, served("AlertProvider")],
    ["decodeSpecRevision", decodeSpecRevision, revision],
    ["decodeSavedTemplate", decodeSavedTemplate, saved],
    ["decodeDeployment", decodeDeployment, { metadata, spec: deployment, status: { replicas: 1 } }],
    [
      "decodeImages",
      ({ spec }) => isRecord(spec) && decodeImages(spec),
      { metadata, spec: deployment.template },
    ],
    [
      "decodeLabels",
      ({ spec }) => isRecord(spec) && decodeLabels(spec),
      { metadata, spec: deployment.template },
    ],
    ["decodeOwnedTemplate", decodeOwnedTemplate, { metadata, spec: deployment }],
    [
      "decodeAutoscaler",
      decodeAutoscaler,
      { metadata, spec: { scaleTargetRef: { name: "orders" } } },
    ],
    ["decodePod", (raw) => podEvidence(decodePod(raw), "hash"), pod],
    ["decodeSelecting", decodeSelecting, policy],
    ["decodeNetworkPolicy", decodeNetworkPolicy, policy],
    ["decodeVirtualService", decodeVirtualService, served("VirtualService")],
    ["findWriter", (raw) => findWriter([raw]), routed],
    ["decodeDestinationRule", decodeDestinationRule, served("DestinationRule")],
    ["decodeService", decodeService, served("Service")],
    ["leaseRecordOf", leaseRecordOf, lease],
    ["toView", (raw) => [openCommandOf(toView(raw)), describeCanary(toView(raw), look)], canary],
  ];

describe.each(decoders)("%s", (_name, decode, valid) => {
  it("reads what is valid", () => {
    expect(isRawObject(valid) && thrownBy(() => decode(valid))).toBeUndefined();
  });

  it("throws nothing but what a schema found, whatever is damaged", () => {
    fc.assert(
      fc.property(fc.oneof(damaged(valid), anyJson), (raw) => {
        const error = isRawObject(raw) ? thrownBy(() => decode(raw)) : undefined;
        expect(
          error === undefined || error instanceof ZodError ? undefined : error,
        ).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });
});

describe("an object that cannot be read", () => {
  const good = (name: string) => ({
    metadata: { ...metadata, name, resourceVersion: "9" },
    spec: deployment,
  });
  const valid = good("damaged");

  it("is a problem that names the field in one line, and takes no other object with it", () => {
    fc.assert(
      fc.property(damaged(valid), fc.nat(2), (raw, at) => {
        const cache = new InformerCache({ decode: decodeDeployment, log: createRecordingLog() });
        const told: string[] = [];
        cache.onChange(({ key }) => told.push(key));
        const odd = isRawObject(raw) && raw.metadata.name === "damaged" ? [raw] : [];
        const items: readonly RawObject[] = [good("one"), good("two")];
        cache.replace({
          items: items.toSpliced(at, 0, ...odd),
          resourceVersion: "9",
          rewound: false,
        });
        cache.set({
          ...good("one"),
          metadata: { ...metadata, name: "one", resourceVersion: "10" },
        });
        expect(cache.get("shop/two")).toBeDefined();
        expect(cache.versionOf("shop/one")).toBe("10");
        expect(told.filter((key) => key === "shop/one")).toHaveLength(2);
        for (const { message } of cache.problems())
          expect(message).toMatch(/^(metadata|spec|status)(\.[^\n]*)?: [^\n]{1,1000}$/);
      }),
      { numRuns: 150 },
    );
  });
});

describe("what was read of Serin's own kinds", () => {
  it.each([
    ["spec", CanarySpec, canary.spec],
    ["status", CanaryStatus, canary.status],
    ["template", AnalysisTemplateSpec, template.spec],
    ["provider", AlertProviderSpec, served("AlertProvider").spec],
  ] as const)("can be written and read again to the same: %s", (_name, schema, valid) => {
    fc.assert(
      fc.property(damaged(valid), (value) => {
        const once = schema.safeParse(value);
        const again = schema.safeParse(JSON.parse(JSON.stringify(once.data ?? null)));
        expect(once.success ? again.data : undefined).toEqual(once.data);
      }),
      { numRuns: 200 },
    );
  });

  it("names the field that is wrong", () => {
    fc.assert(
      fc.property(damaged(canary.spec), (spec) => {
        const fact = decodeCanary({ metadata, spec }).spec;
        expect(fact.kind === "Known" ? "spec: fine" : fact.because).toMatch(/^spec[^:]*: ./s);
      }),
      { numRuns: 200 },
    );
  });

  it("counts for nothing where it is a status that cannot be read, and never throws later", () => {
    fc.assert(
      fc.property(damaged(canary.status), (status) => {
        const read = decodeCanary({ metadata, spec: canary.spec, status }).status;
        expect(CanaryStatus.safeParse(read).success).toBe(true);
        const memory = { ahead: undefined };
        expect(thrownBy(() => pastStatus(read, memory, now))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});
