/** What one line of a watch says. */
import { RetryableError } from "../../ports/errors.ts";
import { type ApiError, apiErrorOf } from "./api-error.ts";
import { isRawObject, isRecord, type RawObject } from "./raw-object.ts";

export type WatchEvent =
  | {
      readonly type: "Set" | "Deleted";
      readonly object: RawObject;
      readonly resourceVersion: string;
    }
  | { readonly type: "Bookmark"; readonly resourceVersion: string }
  | { readonly type: "Error"; readonly error: ApiError };

/** Throws RetryableError `BadResponse` for anything else: a change may have been lost with it. */
export function watchEventOf(line: unknown): WatchEvent {
  if (!isRecord(line)) throw unreadable();
  if (line.type === "ERROR") return { type: "Error", error: errorOf(line.object) };
  const resourceVersion = versionOf(line.object);
  if (line.type === "BOOKMARK") return { type: "Bookmark", resourceVersion };
  if (!isRawObject(line.object)) throw unreadable();
  switch (line.type) {
    case "ADDED":
    case "MODIFIED":
      return { type: "Set", object: line.object, resourceVersion };
    case "DELETED":
      return { type: "Deleted", object: line.object, resourceVersion };
    default:
      throw unreadable();
  }
}

const unreadable = (): RetryableError =>
  new RetryableError("BadResponse", "a line of a watch is no watch event");

/** A bookmark's object has no name, so it is no RawObject. */
function versionOf(object: unknown): string {
  const metadata = isRecord(object) ? object.metadata : undefined;
  const version = isRecord(metadata) ? metadata.resourceVersion : undefined;
  if (typeof version !== "string" || version === "") throw unreadable();
  return version;
}

function errorOf(status: unknown): ApiError {
  const code = isRecord(status) && typeof status.code === "number" ? status.code : 500;
  return apiErrorOf({ request: "WATCH", code, body: status });
}
