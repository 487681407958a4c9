/**
 * The samples over which a real Prometheus answered the queries of oracle-answers.json. Scrapes are off the whole
 * second, so that no sample lies on the edge of a window, where versions 2 and 3 differ.
 */

export interface OracleSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [atMs: number, value: number])[];
}

/** 2023-11-14T22:13:20Z. */
export const ORACLE_START_MS = 1_700_000_000_000;
const SCRAPE_MS = 15_000;
const SCRAPES = 40;

type Shape = (index: number) => number | undefined;

function series(
  name: string,
  labels: Readonly<Record<string, string>>,
  offsetMs: number,
  shape: Shape,
): OracleSeries {
  const points: (readonly [number, number])[] = [];
  for (let index = 0; index < SCRAPES; index += 1) {
    const value = shape(index);
    if (value === undefined) continue;
    points.push([ORACLE_START_MS + offsetMs + index * SCRAPE_MS, value]);
  }
  return { name, labels, points };
}

const REQUESTS = "istio_requests_total";
const BUCKETS = "istio_request_duration_milliseconds_bucket";
const BOUNDS = ["1", "5", "10", "25", "50", "100", "250", "500", "1000", "+Inf"];

function requests(pod: string, workload: string, code: string, shape: Shape): OracleSeries {
  const offsetMs = 137 + 911 * Number(pod.at(-1));
  const labels = { pod, workload, response_code: code, reporter: "source", job: "mesh" };
  return series(REQUESTS, labels, offsetMs, shape);
}

/** Cumulative counts that grow by `perScrape` each scrape, spread over the buckets by `shares`. */
function buckets(pod: string, workload: string, perScrape: number, shares: readonly number[]) {
  const offsetMs = 137 + 911 * Number(pod.at(-1));
  let cumulative = 0;
  return BOUNDS.map((le, position) => {
    cumulative += shares[position] ?? 0;
    const share = cumulative;
    return series(BUCKETS, { pod, workload, le, job: "mesh" }, offsetMs, (index) =>
      Math.floor(share * perScrape * (index + 1)),
    );
  });
}

export const ORACLE_SERIES: readonly OracleSeries[] = [
  requests("a-1", "order", "200", (index) => 1000 + 97 * index),
  // The process restarts after 20 scrapes.
  requests("a-2", "order", "200", (index) =>
    index < 20 ? 500 + 103 * index : 11 + 103 * (index - 20),
  ),
  // Two scrapes are missing.
  requests("a-3", "order-primary", "200", (index) =>
    index === 12 || index === 13 ? undefined : 40_000 + 913 * index,
  ),
  // Errors begin in the middle.
  requests("a-1", "order", "503", (index) => (index < 30 ? undefined : (index - 29) * 7)),
  requests("a-3", "order-primary", "500", (index) => 3 + Math.floor(index / 5)),
  // Ends early, without a marker.
  requests("a-4", "gone", "200", (index) => (index < 15 ? 10 * index : undefined)),
  ...buckets("a-1", "order", 97, [0.01, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05, 0.03, 0.005, 0.005]),
  ...buckets("a-2", "order", 103, [0, 0, 0, 0, 0, 0.01, 0.04, 0.05, 0.3, 0.6]),
  ...buckets(
    "a-3",
    "order-primary",
    913,
    [0.2, 0.3, 0.3, 0.1, 0.05, 0.03, 0.01, 0.005, 0.004, 0.001],
  ),
  series("temperature", { room: "north", floor: "1" }, 401, (index) => 20 + Math.sin(index)),
  series("temperature", { room: "south", floor: "1" }, 402, (index) => -5 + Math.cos(index / 3)),
  series("temperature", { room: "attic", floor: "2" }, 403, () => Number.NaN),
  series("floor_info", { floor: "1", name: "ground", owner: "x" }, 404, () => 1),
  series("floor_info", { floor: "2", name: "upper", owner: "y" }, 404, () => 1),
  series("limit", { room: "north" }, 405, () => 20.5),
  series("limit", { room: "south" }, 405, () => -4.5),
];
