/** Writes objects, lists and events in the form a client accepts: whole, metadata only, or as rows of a table. */
import type { Target } from "../backend.ts";
import { defined, EMPTY, type JsonObject, objectAt } from "../json.ts";
import type { Page } from "../list.ts";
import { apiVersionOf, type Column } from "../resource-type.ts";
import { textOf } from "../serialize.ts";
import { inVersion } from "../version.ts";
import type { EventType } from "../watch.ts";

export interface Rendering {
  object(object: JsonObject): string;
  list(page: Page): string;
  event(object: JsonObject, type: EventType): string;
}

const META_VERSION = "meta.k8s.io/v1";

function listMeta(page: Page): JsonObject {
  return defined({
    resourceVersion: String(page.resourceVersion),
    continue: page.continueToken,
    remainingItemCount: page.remaining,
  });
}

function metadataOnly(object: JsonObject): JsonObject {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: META_VERSION,
    metadata: objectAt(object, "metadata"),
  };
}

function renderWhole(target: Target): Rendering {
  const { type, version } = target;
  const text = (object: JsonObject): string => textOf(inVersion(object, type, version.name));
  return {
    object: text,
    event: text,
    list: (page) => {
      const head = `"kind":"${type.listKind}","apiVersion":"${apiVersionOf(type.group, version.name)}"`;
      return `{${head},"metadata":${JSON.stringify(listMeta(page))},"items":[${page.items.map(text).join(",")}]}`;
    },
  };
}

function renderMetadata(): Rendering {
  const text = (object: JsonObject): string => JSON.stringify(metadataOnly(object));
  return {
    object: text,
    event: text,
    list: (page) =>
      JSON.stringify({
        kind: "PartialObjectMetadataList",
        apiVersion: META_VERSION,
        metadata: listMeta(page),
        items: page.items.map(metadataOnly),
      }),
  };
}

function columnDefinition(column: Column): JsonObject {
  const { name, type, format, description, priority } = column;
  return { name, type, format, description, priority };
}

function includedObject(object: JsonObject, include: string): JsonObject | null {
  if (include === "None") return null;
  return include === "Object" ? object : metadataOnly(object);
}

function renderTable(target: Target, include: string, now: () => number): Rendering {
  const { type, version } = target;
  const { columns } = version;
  const table = (
    objects: readonly JsonObject[],
    metadata: JsonObject,
    withColumns: boolean,
  ): JsonObject => ({
    kind: "Table",
    apiVersion: META_VERSION,
    metadata,
    columnDefinitions: withColumns ? columns.map(columnDefinition) : [],
    rows: objects.map((stored) => {
      const object = inVersion(stored, type, version.name);
      const cells = columns.map((column) => column.value(object, now()));
      return { cells, object: includedObject(object, include) };
    }),
  });
  let started = false;
  return {
    object: (object) =>
      JSON.stringify(
        table(
          [object],
          { resourceVersion: objectAt(object, "metadata")["resourceVersion"] ?? "" },
          true,
        ),
      ),
    list: (page) => JSON.stringify(table(page.items, listMeta(page), true)),
    event: (object, eventType) => {
      if (eventType === "BOOKMARK")
        return JSON.stringify(table([], objectAt(object, "metadata"), false));
      // The columns are only sent with the first event of a watch.
      const first = !started;
      started = true;
      return JSON.stringify(table([object], EMPTY, first));
    },
  };
}

/** Chooses the first acceptable form of an Accept header. A table watch keeps state: one rendering per request. */
export function chooseRendering(
  target: Target,
  request: Request,
  query: URLSearchParams,
  now: () => number,
): Rendering {
  for (const choice of (request.headers.get("accept") ?? "").split(",")) {
    const parameters = choice.split(";").map((part) => part.trim());
    if (parameters[0] !== "application/json" || !parameters.includes("g=meta.k8s.io")) continue;
    if (!parameters.includes("v=v1")) continue;
    if (parameters.includes("as=Table"))
      return renderTable(target, query.get("includeObject") ?? "Metadata", now);
    if (parameters.some((part) => part.startsWith("as=PartialObjectMetadata")))
      return renderMetadata();
  }
  return renderWhole(target);
}
