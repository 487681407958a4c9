/** What the adapter reads of Deployments, ReplicaSets, autoscalers and Pods; copies are made from the raw objects. */
import { z } from "zod";
import { oncePer } from "../../once-per.ts";
import type { RawObject } from "../raw-object.ts";

const labels = z.record(z.string(), z.string());

const Metadata = z.object({
  name: z.string(),
  namespace: z.string(),
  uid: z.string().default(""),
  generation: z.number().default(0),
  resourceVersion: z.string().default(""),
  labels: labels.default({}),
  annotations: labels.default({}),
});

/** Left as it came, since it is hashed and copied with everything in it. */
const PodTemplate = z.record(z.string(), z.unknown());
type PodTemplate = Readonly<z.infer<typeof PodTemplate>>;

const Containers = z.object({
  spec: z.object({ containers: z.array(z.object({ image: z.string().default("") })) }),
});

const Labelled = z.object({ metadata: z.object({ labels }) });

const Selector = z.object({
  matchLabels: labels.default({}),
  matchExpressions: z.array(z.unknown()).default([]),
});

const DeploymentView = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: z.number().default(1),
    selector: Selector,
    template: PodTemplate,
  }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().default("") }))
        .default([]),
    })
    .prefault({}),
});
export type DeploymentView = z.infer<typeof DeploymentView>;

const Owners = z.array(z.object({ uid: z.string() })).default([]);

const OwnedTemplate = z.object({
  metadata: z.object({ uid: z.string().default(""), ownerReferences: Owners }),
  spec: z.object({ template: PodTemplate }),
});
export type OwnedTemplate = z.infer<typeof OwnedTemplate>;

const ScaleTarget = z.object({
  apiVersion: z.string().default("apps/v1"),
  kind: z.string().default("Deployment"),
  name: z.string(),
});

const AutoscalerView = z.object({
  metadata: Metadata,
  spec: z.object({ scaleTargetRef: ScaleTarget }),
});
export type AutoscalerView = z.infer<typeof AutoscalerView>;

const Terminated = z.object({ exitCode: z.number(), reason: z.string().default("") });
const ContainerStatus = z.object({
  name: z.string(),
  restartCount: z.number().default(0),
  state: z
    .object({
      waiting: z
        .object({ reason: z.string().default(""), message: z.string().default("") })
        .optional(),
      terminated: Terminated.optional(),
    })
    .prefault({}),
  lastState: z.object({ terminated: Terminated.optional() }).prefault({}),
});
export type ContainerStatus = z.infer<typeof ContainerStatus>;

const PodView = z.object({
  metadata: z.object({
    name: z.string(),
    labels: labels.default({}),
    creationTimestamp: z.string(),
    deletionTimestamp: z.string().optional(),
    ownerReferences: Owners,
  }),
  status: z
    .object({
      phase: z.string().default("Pending"),
      reason: z.string().default(""),
      startTime: z.string().optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().default(""),
            message: z.string().default(""),
            lastTransitionTime: z.string().nullish(),
          }),
        )
        .default([]),
      containerStatuses: z.array(ContainerStatus).default([]),
      initContainerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
});
export type PodView = z.infer<typeof PodView>;

const SavedTemplate = z.object({
  metadata: z.object({
    name: z.string(),
    annotations: labels.default({}),
    ownerReferences: z.array(z.object({ uid: z.string() })).default([]),
  }),
  data: z.object({ spec: z.object({ template: PodTemplate }) }),
  revision: z.number(),
});
export type SavedTemplate = z.infer<typeof SavedTemplate>;

/** Images of a template's containers, in their order. */
export const decodeImages = oncePer(
  (template: PodTemplate): readonly string[] =>
    Containers.safeParse(template).data?.spec.containers.map(({ image }) => image) ?? [],
);

/** Labels of a template's pods. */
export const decodeLabels = oncePer(
  (template: PodTemplate): Readonly<Record<string, string>> =>
    Labelled.safeParse(template).data?.metadata.labels ?? {},
);

export const decodeDeployment = (raw: RawObject): DeploymentView => DeploymentView.parse(raw);
export const decodeOwnedTemplate = (raw: RawObject): OwnedTemplate => OwnedTemplate.parse(raw);
export const decodeAutoscaler = (raw: RawObject): AutoscalerView => AutoscalerView.parse(raw);
export const decodePod = (raw: RawObject): PodView => PodView.parse(raw);
/** Undefined for a ControllerRevision that holds something else. */
export const decodeSavedTemplate = (raw: unknown): SavedTemplate | undefined =>
  SavedTemplate.safeParse(raw).data;
