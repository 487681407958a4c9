/**
 * A refusal by the API server, and which of Serin's three errors it becomes when nobody handles it. Knows HTTP
 * codes and Status objects, not what the request was for.
 */
import { InvariantError, RetryableError, StallError } from "../../ports/errors.ts";
import { MAX_STATUS_MESSAGE_CHARS } from "./limits.ts";
import { isRecord } from "./raw-object.ts";

export interface ApiErrorFacts {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  /** The request: `PATCH virtualservices.networking.istio.io shop/orders`. */
  readonly request: string;
  readonly retryAfterMs?: number | undefined;
  readonly details?: unknown;
}

/** The server answered, and the answer is no. `message` is the server's own text, bounded in length. */
export class ApiError extends Error {
  readonly code: number;
  /** The Status reason (`NotFound`, `Conflict`, …), or `Http<code>` when the answer was no Status. */
  readonly reason: string;
  readonly request: string;
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;
  constructor(facts: ApiErrorFacts) {
    super(facts.message);
    this.name = "ApiError";
    this.code = facts.code;
    this.reason = facts.reason;
    this.request = facts.request;
    this.retryAfterMs = facts.retryAfterMs;
    this.details = facts.details;
  }
}

export interface FailedAnswer {
  readonly request: string;
  readonly code: number;
  readonly retryAfterMs?: number | undefined;
  /** The parsed body; anything that is no Status is not quoted, since it may come from whatever stands in between. */
  readonly body: unknown;
}

export function apiErrorOf(answer: FailedAnswer): ApiError {
  const { code, body } = answer;
  const status = isRecord(body) && body.kind === "Status" ? body : {};
  const details = isRecord(status.details) ? status.details : undefined;
  const seconds = details?.retryAfterSeconds;
  const hasHint = typeof seconds === "number" && seconds > 0;
  return new ApiError({
    code,
    reason:
      typeof status.reason === "string" && status.reason !== "" ? status.reason : `Http${code}`,
    message: messageOf(status.message, code),
    request: answer.request,
    retryAfterMs: answer.retryAfterMs ?? (hasHint ? seconds * 1_000 : undefined),
    details,
  });
}

function messageOf(message: unknown, code: number): string {
  if (typeof message !== "string" || message === "") return `the server answered ${code}`;
  if (message.length <= MAX_STATUS_MESSAGE_CHARS) return message;
  // What a refused patch would have made comes whole before the reason: what is wrong stands at the end.
  const half = MAX_STATUS_MESSAGE_CHARS / 2;
  return `${message.slice(0, half)}…${message.slice(-half)}`;
}

const hasCode = (error: unknown, code: number): error is ApiError =>
  error instanceof ApiError && error.code === code;

export const isNotFound = (error: unknown): error is ApiError => hasCode(error, 404);

export const isAlreadyExists = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason === "AlreadyExists";

/** The object changed since it was read, or another field manager owns what an apply patch sets. */
export const isConflict = (error: unknown): error is ApiError =>
  hasCode(error, 409) && error.reason !== "AlreadyExists";

/** The resourceVersion or continue token is too old: list afresh. */
export const isGone = (error: unknown): error is ApiError => hasCode(error, 410);

export const isInvalid = (error: unknown): error is ApiError => hasCode(error, 422);

/**
 * A JSON Patch that did not fit, as by a failed `test`. Validation gives causes of its own, this at most the one
 * for answers without a recognisable form.
 */
export const isPatchTestFailed = (error: unknown): error is ApiError => {
  if (!isInvalid(error)) return false;
  const causes = isRecord(error.details) ? error.details.causes : undefined;
  if (!Array.isArray(causes)) return true;
  return causes.every(
    (cause: unknown) => isRecord(cause) && cause.reason === "UnexpectedServerResponse",
  );
};

/** An admission webhook that the API server could not ask, as when istiod is down. */
export const isWebhookUnavailable = (error: unknown): error is ApiError =>
  error instanceof ApiError && /failed calling webhook/.test(error.message);

const isAdmissionDenied = ({ message }: ApiError): boolean =>
  /admission webhook .* denied the request/.test(message);

/** What an unhandled error means: time may cure it, a human must act, or (anything unknown) Serin has a bug. */
export function toOurError(error: unknown): RetryableError | StallError | InvariantError {
  if (error instanceof RetryableError || error instanceof StallError) return error;
  if (error instanceof InvariantError) return error;
  if (!(error instanceof ApiError)) {
    return new InvariantError(
      error instanceof Error ? error.message : "not an error was thrown",
      error,
    );
  }
  const text = `${error.request}: ${error.message}`;
  const retryable = (reason: string): RetryableError =>
    new RetryableError(reason, text, error.retryAfterMs, error);
  if (isWebhookUnavailable(error)) return retryable("WebhookUnavailable");
  if (isAdmissionDenied(error)) return new StallError("AdmissionDenied", text, error);
  if (isPatchTestFailed(error)) return retryable("PatchTestFailed");
  const reason = timeMayCure(error);
  return reason === undefined ? new StallError(stallReason(error), text, error) : retryable(reason);
}

function timeMayCure(error: ApiError): string | undefined {
  if (error.code >= 500) return "ServerError";
  switch (error.code) {
    case 404:
    case 409:
    case 410:
      return error.reason;
    case 408:
      return "Timeout";
    case 429:
      return "TooManyRequests";
    default:
      return undefined;
  }
}

function stallReason(error: ApiError): string {
  switch (error.code) {
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 422:
      return "Invalid";
    default:
      return error.code < 400 ? "RedirectRefused" : "BadRequest";
  }
}

/** Outcomes a caller is expected to handle; the transport throws the rest as what toOurError makes of them. */
export const isExpectedAnswer = (error: ApiError): boolean =>
  [404, 409, 410, 422].includes(error.code) && !isAdmissionDenied(error);
