/** Writes objects, lists and events in the form a client accepts: whole, metadata only, or as rows of a table. */
import type { Target } from "../backend.ts";
import { defined, type JsonObject, objectAt, without } from "../json.ts";
import type { Page } from "../list.ts";
import { apiVersionOf, type Column } from "../resource-type.ts";
import { textOf } from "../serialize.ts";
import { notAcceptable } from "../status-error.ts";
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

const unnamedItems = new WeakMap<JsonObject, JsonObject>();

/** As the items of built-in lists are written: what they are is said once, by the list. */
function unnamed(object: JsonObject): JsonObject {
  const known = unnamedItems.get(object) ?? without(object, "apiVersion", "kind");
  unnamedItems.set(object, known);
  return known;
}

function renderWhole(target: Target): Rendering {
  const { type, version } = target;
  const text = (object: JsonObject): string => textOf(inVersion(object, type, version.name));
  return {
    object: text,
    event: text,
    list: (page) => {
      const head = `"kind":"${type.listKind}","apiVersion":"${apiVersionOf(type.group, version.name)}"`;
      const metadata = type.custom ? { continue: "", ...listMeta(page) } : listMeta(page);
      const items = page.items.map((item) => (type.custom ? text(item) : textOf(unnamed(item))));
      return `{${head},"metadata":${JSON.stringify(metadata)},"items":[${items.join(",")}]}`;
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
  const versionOf = (object: JsonObject): JsonObject => ({
    resourceVersion: objectAt(object, "metadata")["resourceVersion"] ?? "",
  });
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
    object: (object) => JSON.stringify(table([object], versionOf(object), true)),
    list: (page) => JSON.stringify(table(page.items, listMeta(page), true)),
    event: (object, eventType) => {
      if (eventType === "BOOKMARK")
        return JSON.stringify(table([], objectAt(object, "metadata"), false));
      // The columns are only sent with the first event of a watch.
      const first = !started;
      started = true;
      return JSON.stringify(table([object], versionOf(object), first));
    },
  };
}

const WHOLE = ["", "*/*", "application/*", "application/json"];

/** The form that one choice of an Accept header asks for; undefined where it asks for none that there is. */
function formOf(choice: string): "Whole" | "Table" | "Metadata" | undefined {
  const [mediaType = "", ...parameters] = choice.split(";").map((part) => part.trim());
  const form = parameters.find((part) => part.startsWith("as="));
  if (form === undefined) return WHOLE.includes(mediaType) ? "Whole" : undefined;
  const isOurs = parameters.includes("g=meta.k8s.io") && parameters.includes("v=v1");
  if (mediaType !== "application/json" || !isOurs) return undefined;
  if (form === "as=Table") return "Table";
  return form.startsWith("as=PartialObjectMetadata") ? "Metadata" : undefined;
}

/**
 * Chooses the first acceptable form of an Accept header; a 406 where there is none. A table watch keeps state: one
 * rendering per request.
 */
export function chooseRendering(
  target: Target,
  request: Request,
  query: URLSearchParams,
  now: () => number,
): Rendering {
  const accepted = (request.headers.get("accept") ?? "").split(",");
  switch (accepted.map(formOf).find((form) => form !== undefined)) {
    case "Whole":
      return renderWhole(target);
    case "Table":
      return renderTable(target, query.get("includeObject") ?? "Metadata", now);
    case "Metadata":
      return renderMetadata();
    case undefined:
      throw notAcceptable();
  }
}
