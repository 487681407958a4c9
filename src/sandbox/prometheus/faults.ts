/** Faults of a Prometheus server, for tests and the demo: what a client sees instead of, or around, an answer. */
import type { Clock } from "../../ports/clock.ts";

export type PrometheusFault =
  /** Nothing listens. */
  | { readonly kind: "Down" }
  | { readonly kind: "Slow"; readonly delayMs: number }
  | { readonly kind: "Status"; readonly code: number; readonly body: string }
  /** Queries succeed and find nothing. */
  | { readonly kind: "Empty" }
  /** Every value is NaN. */
  | { readonly kind: "NaN" }
  /** Status 200 with something that is not JSON, as proxies answer. */
  | { readonly kind: "Garbage" }
  /** The answer comes with a warning, as from a store that could not ask all its parts. */
  | { readonly kind: "Partial"; readonly warning: string }
  /** Every result has as many series, as after a label got a value of its own for each request. */
  | { readonly kind: "Explosion"; readonly series: number };

export interface FaultContext {
  readonly clock: Clock;
  readonly request: Request;
  /** The answer without the fault. */
  answer(): Promise<Response>;
}

export async function answerWithFault(
  fault: PrometheusFault,
  context: FaultContext,
): Promise<Response> {
  switch (fault.kind) {
    case "Down":
      throw new TypeError("fetch failed", { cause: connectionRefused() });
    case "Slow":
      await delay(fault.delayMs, context);
      return context.answer();
    case "Status":
      return new Response(fault.body, { status: fault.code });
    case "Garbage":
      return new Response("<html><body>It works!</body></html>", {
        headers: { "content-type": "text/html" },
      });
    case "Empty":
      return rewrite(await context.answer(), (key, value) => (key === "result" ? [] : value));
    case "NaN":
      return rewrite(await context.answer(), (_key, value) =>
        isPoint(value) ? nanAt(value) : value,
      );
    case "Explosion":
      return rewrite(await context.answer(), (key, value) =>
        key === "result" ? exploded(value, fault.series) : value,
      );
    case "Partial":
      return rewrite(await context.answer(), (key, value) =>
        key === "" && isEnvelope(value) ? { ...value, warnings: [fault.warning] } : value,
      );
  }
}

function connectionRefused(): Error {
  return Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
}

function delay(delayMs: number, { clock, request }: FaultContext): Promise<void> {
  const { signal } = request;
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(delayMs, () => {
      signal.removeEventListener("abort", abandon);
      resolve();
    });
    function abandon(): void {
      cancel();
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    }
    if (signal.aborted) abandon();
    else signal.addEventListener("abort", abandon, { once: true });
  });
}

type Reviver = (key: string, value: unknown) => unknown;

/** Applies `change` to every member of a successful JSON answer, innermost first, the whole last as key "". */
async function rewrite(response: Response, change: Reviver): Promise<Response> {
  if (response.status !== 200 || !response.headers.get("content-type")?.includes("json")) {
    return response;
  }
  const body: unknown = JSON.parse(await response.text(), (key, value: unknown) =>
    change(key, value),
  );
  return Response.json(body);
}

/** `[seconds, "value"]`, the only arrays of a number and a string in the API. */
function isPoint(value: unknown): value is readonly [number, string] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === "number" &&
    typeof value[1] === "string"
  );
}

function nanAt([seconds]: readonly [number, string]): readonly [number, string] {
  return [seconds, "NaN"];
}

function exploded(result: unknown, count: number): readonly unknown[] {
  const series: readonly unknown[] = Array.isArray(result) ? result : [];
  return Array.from({ length: count }, (_, index) => series[index % Math.max(1, series.length)]);
}

function isEnvelope(value: unknown): value is object {
  return typeof value === "object" && value !== null && "status" in value;
}
