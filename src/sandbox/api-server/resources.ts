/** Answers requests for objects and collections: finds what a route names and hands each verb to its module. */

import { applyObject } from "./apply.ts";
import { type Backend, type Outcome, refOf, type Target } from "./backend.ts";
import { mediaTypeOf, readBody } from "./body.ts";
import { createObject } from "./create.ts";
import { invalidValue, required } from "./field-error.ts";
import { type Json, stringAt } from "./json.ts";
import { matcherOf, type PagedLists, select } from "./list.ts";
import { APPLY_PATCH, patcherOf } from "./patches.ts";
import { chooseRendering, type Rendering } from "./print/render.ts";
import { servedVersion } from "./registry.ts";
import { deleteObject } from "./removal.ts";
import { typeKey } from "./resource-type.ts";
import { jsonResponse, watchResponse } from "./respond.ts";
import type { Route } from "./route.ts";
import { patchScale, readScale, replaceScale } from "./scale.ts";
import {
  badRequest,
  invalid,
  invalidOption,
  methodNotAllowed,
  noSuchPath,
  notFound,
} from "./status-error.ts";
import { nameOf, namespaceOf } from "./store.ts";
import { updateObject } from "./update.ts";
import type { Watches } from "./watch.ts";
import { deleteOptionsOf, writeOptionsOf } from "./write-options.ts";

export interface Resources {
  readonly backend: Backend;
  readonly lists: PagedLists;
  readonly watches: Watches;
}

/** One request about a resource. */
interface Call {
  readonly server: Resources;
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly target: Target;
  readonly rendering: Rendering;
}

function targetOf(backend: Backend, route: Route): Target {
  const type = backend.registry.get(typeKey(route.plural, route.group));
  const version = type === undefined ? undefined : servedVersion(type, route.version);
  if (type === undefined || version === undefined) throw noSuchPath();
  if (route.namespace !== "" && !type.namespaced) throw noSuchPath();
  if (route.namespace === "" && type.namespaced && route.name !== "") throw noSuchPath();
  return {
    type,
    version,
    namespace: route.namespace,
    name: route.name,
    subresource: route.subresource,
  };
}

function answer(call: Call, outcome: Outcome): Response {
  const { object } = outcome;
  const isStatus = object["kind"] === "Status" && object["apiVersion"] === "v1";
  const text = isStatus ? JSON.stringify(object) : call.rendering.object(object);
  return jsonResponse(text, outcome.code, outcome.warnings);
}

function isWatch(query: URLSearchParams): boolean {
  const value = query.get("watch");
  return value === "true" || value === "1";
}

function watch({ server, target, request, query, rendering }: Call): Response {
  const { signal } = request;
  const render: Rendering["event"] = (object, type) => rendering.event(object, type);
  return watchResponse(server.watches.open({ target, query, signal, render }));
}

function read(call: Call): Response {
  const { server, target, query, rendering } = call;
  if (target.name === "" && isWatch(query)) return watch(call);
  if (target.name === "")
    return jsonResponse(rendering.list(server.lists.page(server.backend, target, query)), 200);
  const object = server.backend.store.get(refOf(target));
  if (object === undefined) throw notFound(target.type, target.name);
  return jsonResponse(rendering.object(object), 200);
}

async function bodyOf(request: Request): Promise<Json> {
  const body = await readBody(request);
  if (body === undefined) throw badRequest("the request has no body");
  return body;
}

async function create(call: Call): Promise<Response> {
  const { server, request, target } = call;
  if (target.name !== "") throw methodNotAllowed();
  if (target.type.namespaced && target.namespace === "") throw methodNotAllowed();
  const options = writeOptionsOf(request);
  return answer(call, createObject(server.backend, target, await bodyOf(request), options));
}

/** Kinds that, like custom resources, cannot be replaced blindly. */
const ALWAYS_VERSIONED = [
  "leases.coordination.k8s.io",
  "customresourcedefinitions.apiextensions.k8s.io",
];

function assertVersioned(target: Target, body: Json): void {
  const { type, name } = target;
  if (!type.custom && !ALWAYS_VERSIONED.includes(type.key)) return;
  if ((stringAt(body, "metadata", "resourceVersion") ?? "") !== "") return;
  const path = ["metadata", "resourceVersion"];
  const cause = invalidValue(path, 0, "must be specified for an update");
  throw invalid({ ...type, kind: type.plural }, name, [cause]);
}

async function replace(call: Call): Promise<Response> {
  const { server, request, target } = call;
  const options = writeOptionsOf(request);
  const body = await bodyOf(request);
  assertVersioned(target, body);
  return answer(
    call,
    updateObject(server.backend, target, () => body, options),
  );
}

async function patch(call: Call): Promise<Response> {
  const { server, request, query, target } = call;
  const options = writeOptionsOf(request);
  const mediaType = mediaTypeOf(request);
  const body = await bodyOf(request);
  if (mediaType === APPLY_PATCH) {
    if (!query.has("fieldManager")) {
      const cause = required(["fieldManager"], "is required for apply patch");
      throw invalidOption("PatchOptions", cause);
    }
    return answer(call, applyObject(server.backend, target, body, options));
  }
  return answer(
    call,
    updateObject(server.backend, target, patcherOf(target, mediaType, body), options),
  );
}

/** The scale of an object is of another kind than the object: never shown as a table of it. */
async function scale(call: Call): Promise<Response> {
  const { server, request, target } = call;
  const options = writeOptionsOf(request);
  const respond = ({ object, code }: Outcome): Response =>
    jsonResponse(JSON.stringify(object), code);
  switch (request.method) {
    case "GET":
      return respond({ object: readScale(server.backend, target), code: 200, warnings: [] });
    case "PUT":
      return respond(replaceScale(server.backend, target, await bodyOf(request), options));
    case "PATCH": {
      const body = await bodyOf(request);
      return respond(
        patchScale(server.backend, target, { mediaType: mediaTypeOf(request), body }, options),
      );
    }
    default:
      throw methodNotAllowed();
  }
}

async function remove(call: Call): Promise<Response> {
  const { server, request, query, target } = call;
  const options = deleteOptionsOf(query, await readBody(request));
  if (target.name !== "") return answer(call, deleteObject(server.backend, target, options));
  const objects = select(server.backend, target, matcherOf(target, query));
  const page = {
    items: objects,
    resourceVersion: server.backend.store.resourceVersion,
    continueToken: undefined,
    remaining: undefined,
  };
  for (const object of objects) {
    deleteObject(
      server.backend,
      { ...target, namespace: namespaceOf(object), name: nameOf(object) },
      options,
    );
  }
  return jsonResponse(call.rendering.list(page), 200);
}

function assertSubresource(target: Target): void {
  if (target.subresource === undefined) return;
  if (target.subresource === "status" && target.version.hasStatus) return;
  if (target.subresource === "scale" && target.version.scale !== undefined) return;
  throw target.type.custom ? notFound(target.type, target.name) : noSuchPath();
}

export async function answerResource(
  server: Resources,
  route: Route,
  request: Request,
): Promise<Response> {
  const target = targetOf(server.backend, route);
  assertSubresource(target);
  const query = new URL(request.url).searchParams;
  const rendering = chooseRendering(target, request, query, () => server.backend.clock.now());
  const call = { server, request, query, target, rendering };
  if (target.subresource === "scale") return scale(call);
  switch (request.method) {
    case "GET":
      return read(call);
    case "POST":
      return create(call);
    case "PUT":
      return replace(call);
    case "PATCH":
      return patch(call);
    case "DELETE":
      return remove(call);
    default:
      throw methodNotAllowed();
  }
}
