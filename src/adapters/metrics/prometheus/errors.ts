/** Why a query gave no samples: one word for rules and metrics, one sentence for people, never a secret. */
import { MAX_ERROR_BYTES, MAX_QUOTED_ANSWER_CHARS, MAX_QUOTED_QUERY_CHARS } from "./limits.ts";

export type PrometheusErrorReason =
  /** No whole answer in time, by our clock or the server's. */
  | "Timeout"
  /** No connection, or no Prometheus API under the address. */
  | "Unreachable"
  | "Unauthorized"
  /** The server refuses the query, or cannot evaluate it over these series. */
  | "BadQuery"
  | "TooLarge"
  /** An answer that is none of Prometheus'. */
  | "Malformed"
  | "ServerError"
  /** Some of the data was not asked for an answer; what is missing could be the errors. */
  | "Partial"
  /** The caller gave up. */
  | "Aborted";

export interface PrometheusError {
  readonly reason: PrometheusErrorReason;
  /** Names address and query. */
  readonly message: string;
}

/** What went wrong, before it is told where and for which query. */
export interface Failure {
  readonly reason: PrometheusErrorReason;
  readonly detail: string;
  /** The server's words as they came: whatever they hold, secrets included. */
  readonly said?: string;
}

export interface FailureContext {
  /** Without credentials. */
  readonly address: string;
  readonly query: string;
  /** Texts that must not be shown, even if the server says them. */
  readonly secrets: readonly string[];
}

export function describeFailure(
  { reason, detail, said = "" }: Failure,
  { address, query, secrets }: FailureContext,
): PrometheusError {
  const words = quote(said, secrets);
  const what = words === "" ? detail : `${detail}: ${words}`;
  return {
    reason,
    message: `${address}: ${what}; query: ${shorten(query, MAX_QUOTED_QUERY_CHARS)}`,
  };
}

/** The failure that a status other than 2xx means; `errorType` and `said` are the server's, if it gave any. */
export function failureOfStatus(
  status: number,
  errorType: string | undefined,
  said: string,
): Failure {
  const reason = reasonOfErrorType(errorType) ?? reasonOfStatus(status);
  return { reason, detail: `HTTP ${status}`, said };
}

/** Prometheus' own errorType, which says more than the status; undefined for those that it gives anything. */
export function reasonOfErrorType(
  errorType: string | undefined,
): PrometheusErrorReason | undefined {
  switch (errorType ?? "") {
    case "timeout":
    case "canceled":
      return "Timeout";
    case "bad_data":
    case "execution":
      return "BadQuery";
    case "internal":
    case "unavailable":
      return "ServerError";
    default:
      return undefined;
  }
}

function reasonOfStatus(status: number): PrometheusErrorReason {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return "Unauthorized";
    case 400:
    case 422:
      return "BadQuery";
    case 404:
    case 405:
      return "Unreachable";
    case 408:
    case 504:
      return "Timeout";
    case 413:
    case 414:
      return "TooLarge";
    default:
      return "ServerError";
  }
}

/** Shorter texts are no secrets, and taking them out would leave nothing readable. */
const MIN_SECRET_CHARS = 4;

/** On one line, without markup and control characters. Secrets go first: a shortened one would not be found. */
function quote(said: string, secrets: readonly string[]): string {
  let words = said.slice(0, MAX_ERROR_BYTES);
  for (const secret of secrets) {
    if (secret.length >= MIN_SECRET_CHARS) words = words.replaceAll(secret, "[redacted]");
  }
  const line = words.replaceAll(/<[^<>]*>/g, " ").replaceAll(/[\p{Cc}\s]+/gu, " ");
  return shorten(line.trim(), MAX_QUOTED_ANSWER_CHARS);
}

function shorten(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars - 1)}…`;
}
