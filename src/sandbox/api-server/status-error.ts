/** The errors an API server answers with, as `Status` objects of the real shape. Decides wording, not when to refuse. */
import { MAX_REPORTED_CAUSES } from "../limits.ts";
import { defined, type JsonObject, objectAt } from "./json.ts";

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What a message names a resource by. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

export class StatusError extends Error {
  readonly code: number;
  readonly status: JsonObject;
  constructor(code: number, reason: string | undefined, message: string, details?: JsonObject) {
    super(message);
    this.name = "StatusError";
    this.code = code;
    this.status = defined({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      details,
      code,
    });
  }
}

function qualified(name: string, group: string): string {
  return group === "" ? name : `${name}.${group}`;
}

function detailsOf(resource: ResourceName, name: string): JsonObject {
  return defined({
    name: name === "" ? undefined : name,
    group: resource.group === "" ? undefined : resource.group,
    kind: resource.plural,
  });
}

export function notFound(resource: ResourceName, name: string): StatusError {
  const what = qualified(resource.plural, resource.group);
  return new StatusError(404, "NotFound", `${what} "${name}" not found`, detailsOf(resource, name));
}

/** Where nothing is served at all, which is not said in a Status but as plain text. */
export class NothingServedError extends StatusError {
  constructor() {
    super(404, "NotFound", "404 page not found");
    this.name = "NothingServedError";
  }
}

export function noSuchPath(): StatusError {
  return new NothingServedError();
}

export function alreadyExists(
  resource: ResourceName,
  name: string,
  isTerminating = false,
): StatusError {
  const what = qualified(resource.plural, resource.group);
  const message = `${isTerminating ? "object is being deleted: " : ""}${what} "${name}" already exists`;
  return new StatusError(409, "AlreadyExists", message, detailsOf(resource, name));
}

export function conflict(resource: ResourceName, name: string, because: string): StatusError {
  const what = qualified(resource.plural, resource.group);
  const message = `Operation cannot be fulfilled on ${what} "${name}": ${because}`;
  return new StatusError(409, "Conflict", message, detailsOf(resource, name));
}

export const MODIFIED_MESSAGE =
  "the object has been modified; please apply your changes to the latest version and try again";

export function invalid(
  resource: ResourceName,
  name: string,
  causes: readonly Cause[],
): StatusError {
  const listed = causes.slice(0, MAX_REPORTED_CAUSES);
  // What is found twice is said once.
  const lines = [...new Set(listed.map((cause) => `${cause.field}: ${cause.message}`))];
  if (causes.length > listed.length) lines.push(`and ${causes.length - listed.length} more`);
  const [only] = lines;
  const text = lines.length === 1 && only !== undefined ? only : `[${lines.join(", ")}]`;
  const what = qualified(resource.kind, resource.group);
  return new StatusError(422, "Invalid", `${what} "${name}" is invalid: ${text}`, {
    ...detailsOf(resource, name),
    kind: resource.kind,
    causes: listed.map((cause) => ({
      reason: cause.reason,
      message: cause.message,
      field: cause.field,
    })),
  });
}

/** A patch that cannot be applied to the object as it is: a failed `test`, a path that leads nowhere. It does not say. */
export function patchRejected(): StatusError {
  const message = "the server rejected our request due to an error in our request";
  return new StatusError(422, "Invalid", message, {});
}

const OPTIONS = { group: "meta.k8s.io", plural: "" };

/** A parameter of a request that is none; `kind` is what the real server reads it into, such as `PatchOptions`. */
export function invalidOption(kind: string, cause: Cause): StatusError {
  const { code, message, status } = invalid({ ...OPTIONS, kind }, "", [cause]);
  const { group, kind: named, causes = [] } = objectAt(status, "details");
  return new StatusError(code, "Invalid", message, defined({ group, kind: named, causes }));
}

/** What the real server answers where nobody thought of an error. */
export function unexpected(message: string): StatusError {
  return new StatusError(500, undefined, message);
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

export function forbidden(
  resource: ResourceName,
  name: string,
  because: string,
  causes?: readonly Cause[],
): StatusError {
  const what = qualified(resource.plural, resource.group);
  const details =
    causes === undefined
      ? detailsOf(resource, name)
      : { ...detailsOf(resource, name), causes: causes.map((cause) => ({ ...cause })) };
  return new StatusError(403, "Forbidden", `${what} "${name}" is forbidden: ${because}`, details);
}

export function expired(message: string): StatusError {
  return new StatusError(410, "Expired", message);
}

export function methodNotAllowed(): StatusError {
  const message = "the server does not allow this method on the requested resource";
  return new StatusError(405, "MethodNotAllowed", message, {});
}

/** Of a patch; the list of what is accepted is only given for kinds that have fewer. */
export function unknownPatchType(): StatusError {
  return new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return new StatusError(415, "UnsupportedMediaType", message);
}

export function notAcceptable(): StatusError {
  const message =
    "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf";
  return new StatusError(406, "NotAcceptable", message);
}

export function bodyTooLarge(limitBytes: number): StatusError {
  const message = `Request entity is too large: limit is ${limitBytes}`;
  return new StatusError(413, "RequestEntityTooLarge", message);
}

export function internalError(): StatusError {
  return new StatusError(
    500,
    "InternalError",
    "Internal error occurred: the sandbox API server failed, see its log",
  );
}
