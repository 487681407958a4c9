/** Applies a patch of any media type to an object. Decides by media type and kind which patch it is and if it is allowed. */
import type { Target } from "./backend.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { applyJsonPatch } from "./patch/json-patch.ts";
import { applyMergePatch } from "./patch/merge-patch.ts";
import { applyStrategicMergePatch } from "./patch/strategic-merge-patch.ts";
import { badRequest, unknownPatchType, unsupportedMediaType } from "./status-error.ts";

const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
export const STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json";
export const APPLY_PATCH = "application/apply-patch+yaml";

function patchTypesOf(target: Target): readonly string[] {
  return [
    JSON_PATCH,
    MERGE_PATCH,
    ...(target.type.custom ? [] : [STRATEGIC_MERGE_PATCH]),
    APPLY_PATCH,
  ];
}

/** Throws a 415 on a media type this kind cannot be patched with. */
export function patcherOf(
  target: Target,
  mediaType: string,
  patch: Json,
): (current: JsonObject) => Json {
  if (mediaType === STRATEGIC_MERGE_PATCH && target.type.custom)
    throw unsupportedMediaType(patchTypesOf(target));
  if (!patchTypesOf(target).includes(mediaType)) throw unknownPatchType();
  if (mediaType === JSON_PATCH) return (current) => applyJsonPatch(current, patch);
  if (!isObject(patch)) throw badRequest("error decoding patch: a merge patch must be an object");
  if (mediaType === MERGE_PATCH) return (current) => applyMergePatch(current, patch);
  return (current) => applyStrategicMergePatch(current, patch, target.version.schema);
}
