/** What a refused write of a routing object means, and that istiod's webhook had a hand in it. */
import { RetryableError, StallError } from "../../../ports/errors.ts";
import {
  isConflict,
  isNotFound,
  isPatchTestFailed,
  toOurError,
} from "../../kubernetes/api-error.ts";
import type { Found } from "./refusal.ts";

/** What was found; a thing that is not there now may be by the next attempt. */
export function valueOf<T>(found: Found<T>): T {
  if (found.kind === "Known") return found.value;
  throw new RetryableError(found.reason, found.because);
}

/** Whether the object is not what it was when it was read. */
export const isChanged = (error: unknown): boolean => isPatchTestFailed(error) || isConflict(error);

/** `object` is its kind and name, for people. */
export function toWriteError(error: unknown, object: string): Error {
  if (isChanged(error)) {
    return new RetryableError("Conflict", `${object} changed since it was read`, undefined, error);
  }
  if (isNotFound(error)) {
    return new RetryableError("VirtualServiceNotFound", `${object} is gone`, undefined, error);
  }
  const ours = toOurError(error);
  if (ours instanceof StallError && ours.reason === "AdmissionDenied") {
    return new StallError("Rejected", webhookMessage(object, ours), ours);
  }
  if (ours instanceof RetryableError && ours.reason === "WebhookUnavailable") {
    return new RetryableError(ours.reason, webhookMessage(object, ours), ours.afterMs, ours);
  }
  return ours;
}

/** The server's words name the webhook; istiod's is told from others by its domain. */
function webhookMessage(object: string, { message }: Error): string {
  const whose = /webhook "[^"]*istio\.io"/.test(message)
    ? "istiod's validating webhook"
    : "an admission webhook";
  return `${whose} refused the write of ${object}, or is down: ${message}`;
}

/** As a failure that is tried again: taking traffic off is never given up. */
export function toRetryable(error: unknown, object: string): RetryableError {
  const known = toWriteError(error, object);
  if (known instanceof RetryableError) return known;
  const reason = known instanceof StallError ? known.reason : "Failed";
  return new RetryableError(reason, known.message, undefined, known);
}
