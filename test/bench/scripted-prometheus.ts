/**
 * A Prometheus that answers the shipped templates' queries at once, for as many services as asked: it keeps no
 * series, it knows how fast each counter grows. So measurements are of Serin and not of a database.
 */

export interface ScriptedPrometheus {
  readonly fetch: typeof globalThis.fetch;
  readonly queries: readonly AnsweredQuery[];
  /** From now on every fifth request to this version fails. `workload` as `namespace/name`. */
  breakWorkload(workload: string): void;
}

export interface AnsweredQuery {
  readonly kind: "Total" | "Bad" | "Buckets";
  /** When the whole answer was handed over, monotonic ms. */
  readonly answeredAt: number;
}

const callers = 5;
const requestsPerSecondAndCaller = 10;
const badShare = 0.2;
/** Istio's bounds, in milliseconds. */
const bounds =
  "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000 +Inf".split(
    " ",
  );
/** Every request takes less. */
const slowestMs = 100;

/** `now`: wall time in ms. `workloads`: `namespace/name` of every version that is called. */
export function createScriptedPrometheus(
  now: () => number,
  workloads: readonly string[],
): ScriptedPrometheus {
  const startedAt = now();
  const brokenAt = new Map<string, number>();
  const queries: AnsweredQuery[] = [];
  /** Requests that a caller has sent in the time since an instant, of the time until another one, both ms. */
  const sentBetween = (sinceMs: number, atMs: number) =>
    (Math.max(0, atMs - sinceMs) / 1000) * requestsPerSecondAndCaller;
  const total = (atMs: number) => Math.round(sentBetween(startedAt, atMs)) + 1_000;
  const bad = (workload: string, atMs: number) =>
    Math.round(sentBetween(brokenAt.get(workload) ?? atMs, atMs) * badShare);

  /** `instants` in ms: a vector of one, or a matrix. */
  function answer(
    query: string,
    instants: readonly number[],
    resultType: "vector" | "matrix" = "vector",
  ) {
    const wanted = matchedBy(query, workloads);
    const kind = kindOf(query);
    const byPod = /sum by \([^)]*\bpod\b/.test(query);
    const les = kind === "Buckets" ? bounds.filter(isWanted(query)) : [undefined];
    const result = wanted.flatMap((workload) =>
      Array.from({ length: byPod ? callers : 1 }, (_, caller) =>
        les.map((le) => {
          const points = instants.map((atMs) => [
            atMs / 1000,
            String(valueOf(kind, { workload, le }, atMs)),
          ]);
          const metric = labelsOf(workload, { caller, byPod, le });
          return resultType === "vector"
            ? { metric, value: points[0] }
            : { metric, values: points };
        }),
      ).flat(),
    );
    return { kind, body: { status: "success", data: { resultType, result } } };
  }

  function valueOf(
    kind: AnsweredQuery["kind"],
    { workload, le }: { readonly workload: string; readonly le: string | undefined },
    atMs: number,
  ): number {
    if (kind === "Bad") return bad(workload, atMs);
    return le === undefined || le === "+Inf" || Number(le) >= slowestMs ? total(atMs) : 0;
  }

  function labelsOf(
    workload: string,
    { caller, byPod, le }: { caller: number; byPod: boolean; le: string | undefined },
  ) {
    const [namespace = "", name = ""] = workload.split("/");
    return {
      destination_workload_namespace: namespace,
      destination_workload: name,
      ...(byPod && { pod: `caller-${caller}` }),
      ...(le !== undefined && { le }),
    };
  }

  return {
    queries,
    breakWorkload: (workload) => void brokenAt.set(workload, now()),
    async fetch(input, init) {
      const request = new Request(input, init);
      const form = new URLSearchParams(await request.text());
      const query = form.get("query") ?? "";
      // What is asked of the past is no check.
      if (form.has("step")) return Response.json(answer(query, instantsOf(form), "matrix").body);
      const { kind, body } = answer(query, [now()]);
      const response = Response.json(body);
      queries.push({ kind, answeredAt: performance.now() });
      return response;
    },
  };
}

/** The instants of a range query, ms. */
function instantsOf(form: URLSearchParams): readonly number[] {
  const [start, end, step] = ["start", "end", "step"].map((name) => Number(form.get(name)) * 1000);
  if (start === undefined || end === undefined || step === undefined) return [];
  const count = Math.floor((end - start) / step) + 1;
  return Array.from({ length: count }, (_, index) => start + index * step);
}

function kindOf(query: string): AnsweredQuery["kind"] {
  if (query.includes("_bucket{")) return "Buckets";
  return query.includes('response_code=~"5..') ? "Bad" : "Total";
}

function matchedBy(query: string, workloads: readonly string[]): readonly string[] {
  const valuesOf = (label: string) =>
    new Set(new RegExp(`\\b${label}=~?"([^"]*)"`).exec(query)?.[1]?.split("|") ?? []);
  const namespaces = valuesOf("destination_workload_namespace");
  const names = valuesOf("destination_workload");
  return workloads.filter((workload) => {
    const [namespace = "", name = ""] = workload.split("/");
    return namespaces.has(namespace) && names.has(name);
  });
}

function isWanted(query: string): (le: string) => boolean {
  const pattern = /\ble=~"([^"]*)"/.exec(query)?.[1];
  if (pattern === undefined) return () => true;
  const matcher = new RegExp(`^(?:${pattern.replaceAll("\\\\", "\\")})$`);
  return (le) => matcher.test(le);
}
