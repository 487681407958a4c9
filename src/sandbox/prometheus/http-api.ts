/** Prometheus' HTTP API over a store: which path answers what, and how success and errors are written. */
import type { ScrapeTarget } from "../scrape-target.ts";
import { EXPOSITION_CONTENT_TYPE, formatExposition } from "./exposition.ts";
import { QueryError } from "./promql/errors.ts";
import type { QueryContext } from "./queries.ts";
import {
  findLabelNames,
  findLabelValues,
  findSeries,
  formatQuery,
  instantQuery,
  rangeQuery,
} from "./queries.ts";
import { readParams } from "./request-params.ts";

export interface DiscoverableTarget {
  readonly id: number;
  readonly target: ScrapeTarget;
}

export interface ApiContext extends QueryContext {
  targets(): readonly DiscoverableTarget[];
}

const BUILD_INFO = {
  version: "3.5.0",
  revision: "serin-sandbox",
  branch: "",
  buildUser: "",
  buildDate: "",
  goVersion: "",
};

const LABEL_VALUES = /^\/api\/v1\/label\/([^/]+)\/values$/;
const TARGET_METRICS = /^\/targets\/(\d+)\/metrics$/;

export async function answer(request: Request, context: ApiContext): Promise<Response> {
  const { pathname, host } = new URL(request.url);
  if (request.method !== "GET" && request.method !== "POST") {
    return new Response("Method Not Allowed", { status: 405, headers: { allow: "GET, POST" } });
  }
  const plain = answerPlainly(pathname, host, context);
  if (plain !== undefined) return plain;
  try {
    const data = answerData(pathname, await readParams(request), context);
    if (data === undefined) return new Response("404 page not found\n", { status: 404 });
    return Response.json({ status: "success", data });
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return errorAnswer(error);
  }
}

/** What needs no parameters and answers no API envelope. */
function answerPlainly(pathname: string, host: string, context: ApiContext): Response | undefined {
  if (pathname === "/-/healthy") return new Response("Prometheus Server is Healthy.\n");
  if (pathname === "/-/ready") return new Response("Prometheus Server is Ready.\n");
  if (pathname === "/targets") return Response.json(discovery(context.targets(), host));
  const id = TARGET_METRICS.exec(pathname)?.[1];
  if (id === undefined) return undefined;
  const found = context.targets().find((known) => known.id === Number(id));
  if (found === undefined) return new Response("no such target\n", { status: 404 });
  return new Response(formatExposition(found.target.collect()), {
    headers: { "content-type": EXPOSITION_CONTENT_TYPE },
  });
}

/** The format of http_sd_configs, so that a real Prometheus finds the targets with their labels. */
function discovery(targets: readonly DiscoverableTarget[], host: string): readonly object[] {
  return targets.map(({ id, target }) => ({
    targets: [host],
    labels: { ...target.labels, __metrics_path__: `/targets/${id}/metrics` },
  }));
}

function answerData(pathname: string, params: URLSearchParams, context: ApiContext): unknown {
  const label = LABEL_VALUES.exec(pathname)?.[1];
  if (label !== undefined) return findLabelValues(decodeURIComponent(label), params, context);
  switch (pathname) {
    case "/api/v1/query":
      return instantQuery(params, context);
    case "/api/v1/query_range":
      return rangeQuery(params, context);
    case "/api/v1/series":
      return findSeries(params, context);
    case "/api/v1/labels":
      return findLabelNames(params, context);
    case "/api/v1/format_query":
      return formatQuery(params);
    case "/api/v1/status/buildinfo":
      return BUILD_INFO;
    default:
      return undefined;
  }
}

function errorAnswer({ errorType, message }: QueryError): Response {
  const status = errorType === "bad_data" ? 400 : 422;
  return Response.json({ status: "error", errorType, error: message }, { status });
}
