/** Any object of the API server, as the checks after a scenario read it. */
import { z } from "zod";

const ManagedFields = z.object({
  manager: z.string(),
  operation: z.string(),
  subresource: z.string().optional(),
  fieldsV1: z.record(z.string(), z.unknown()).default({}),
});

const Metadata = z.looseObject({
  name: z.string(),
  uid: z.string(),
  generation: z.int().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
  managedFields: z.array(ManagedFields).default([]),
});

const ApiObject = z.looseObject({
  kind: z.string().optional(),
  metadata: Metadata,
  spec: z.unknown().optional(),
});
export type ApiObject = z.infer<typeof ApiObject>;

const ApiList = z.object({ items: z.array(ApiObject).nullable() });
const Resources = z.object({
  resources: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      namespaced: z.boolean(),
      verbs: z.array(z.string()),
    }),
  ),
});
const Groups = z.object({
  groups: z.array(z.object({ preferredVersion: z.object({ groupVersion: z.string() }) })),
});

export const parseObject = (value: unknown): ApiObject => ApiObject.parse(value);
export const parseList = (value: unknown): readonly ApiObject[] => ApiList.parse(value).items ?? [];
export const parseResources = (value: unknown) => Resources.parse(value).resources;
export const parseGroups = (value: unknown): readonly string[] =>
  Groups.parse(value).groups.map(({ preferredVersion }) => preferredVersion.groupVersion);
