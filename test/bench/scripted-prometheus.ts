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
  const total = () => Math.round(((now() - startedAt) / 1000) * requestsPerSecondAndCaller) + 1_000;
  const bad = (workload: string) => {
    const since = brokenAt.get(workload);
    if (since === undefined) return 0;
    return Math.round(((now() - since) / 1000) * requestsPerSecondAndCaller * badShare);
  };

  function answer(query: string) {
    const wanted = matchedBy(query, workloads);
    const kind = kindOf(query);
    const byPod = /sum by \([^)]*\bpod\b/.test(query);
    const les = kind === "Buckets" ? bounds.filter(isWanted(query)) : [undefined];
    const result = wanted.flatMap((workload) =>
      Array.from({ length: byPod ? callers : 1 }, (_, caller) =>
        les.map((le) => sampleOf(workload, { caller, byPod, le }, valueOf(kind, workload, le))),
      ).flat(),
    );
    return { kind, body: { status: "success", data: { resultType: "vector", result } } };
  }

  function valueOf(kind: AnsweredQuery["kind"], workload: string, le: string | undefined): number {
    if (kind === "Bad") return bad(workload);
    return le === undefined || le === "+Inf" || Number(le) >= slowestMs ? total() : 0;
  }

  function sampleOf(
    workload: string,
    { caller, byPod, le }: { caller: number; byPod: boolean; le: string | undefined },
    value: number,
  ) {
    const [namespace = "", name = ""] = workload.split("/");
    const metric = {
      destination_workload_namespace: namespace,
      destination_workload: name,
      ...(byPod && { pod: `caller-${caller}` }),
      ...(le !== undefined && { le }),
    };
    return { metric, value: [now() / 1000, String(value)] };
  }

  return {
    queries,
    breakWorkload: (workload) => void brokenAt.set(workload, now()),
    async fetch(input, init) {
      const request = new Request(input, init);
      const form = new URLSearchParams(await request.text());
      const { kind, body } = answer(form.get("query") ?? "");
      const response = Response.json(body);
      queries.push({ kind, answeredAt: performance.now() });
      return response;
    },
  };
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
