/** The scale subresource: shows and changes the number of replicas of any kind that has one. */

import { type Backend, type Outcome, refOf, type Target } from "./backend.ts";
import {
  at,
  defined,
  isObject,
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
  withAt,
} from "./json.ts";
import { patcherOf, STRATEGIC_MERGE_PATCH } from "./patches.ts";
import { labelSelectorText } from "./print/selector-text.ts";
import type { ScalePaths } from "./resource-type.ts";
import { badRequest, noSuchPath, notFound } from "./status-error.ts";
import { updateObject } from "./update.ts";
import type { WriteOptions } from "./write-options.ts";

const API_VERSION = "autoscaling/v1";

function pathsOf(target: Target): ScalePaths {
  const { scale } = target.version;
  if (scale === undefined) throw noSuchPath();
  return scale;
}

function selectorOf(object: JsonObject, paths: ScalePaths): string | undefined {
  if (paths.selector === undefined) return undefined;
  const selector = at(object, ...paths.selector);
  return isObject(selector)
    ? labelSelectorText(selector)
    : stringAt({ selector: selector ?? "" }, "selector");
}

function scaleOf(object: JsonObject, paths: ScalePaths): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = objectAt(object, "metadata");
  return {
    kind: "Scale",
    apiVersion: API_VERSION,
    metadata: defined({ name, namespace, uid, resourceVersion, creationTimestamp }),
    spec: defined({ replicas: numberAt(object, ...paths.specReplicas) || undefined }),
    status: defined({
      replicas: numberAt(object, ...paths.statusReplicas) ?? 0,
      selector: selectorOf(object, paths),
    }),
  };
}

export function readScale(backend: Backend, target: Target): JsonObject {
  const paths = pathsOf(target);
  const object = backend.store.get(refOf(target));
  if (object === undefined) throw notFound(target.type, target.name);
  return scaleOf(object, paths);
}

/** Writes the replicas that `change` asks for of the scale it is given. */
function rewrite(
  backend: Backend,
  target: Target,
  change: (scale: JsonObject) => Json,
  options: WriteOptions,
): Outcome {
  const paths = pathsOf(target);
  const outcome = updateObject(
    backend,
    target,
    (current) => {
      const scale = change(scaleOf(current, paths));
      const replicas = at(scale, "spec", "replicas") ?? 0;
      if (typeof replicas !== "number" || replicas < 0)
        throw badRequest("spec.replicas must be a number of 0 or more");
      const version = stringAt(scale, "metadata", "resourceVersion") ?? "";
      return withAt(
        withAt(current, paths.specReplicas, replicas),
        ["metadata", "resourceVersion"],
        version,
      );
    },
    options,
  );
  return { ...outcome, object: scaleOf(outcome.object, paths) };
}

export function replaceScale(
  backend: Backend,
  target: Target,
  body: Json,
  options: WriteOptions,
): Outcome {
  return rewrite(backend, target, () => body, options);
}

export interface Patch {
  readonly mediaType: string;
  readonly body: Json;
}

export function patchScale(
  backend: Backend,
  target: Target,
  patch: Patch,
  options: WriteOptions,
): Outcome {
  // A Scale has no lists: strategic and plain merge patches mean the same.
  const mediaType =
    patch.mediaType === STRATEGIC_MERGE_PATCH ? "application/merge-patch+json" : patch.mediaType;
  return rewrite(backend, target, patcherOf(target, mediaType, patch.body), options);
}
