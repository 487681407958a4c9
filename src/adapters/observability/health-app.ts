/** /healthz, /readyz and /metrics as a web application without a socket. Reads what it is given, changes nothing. */
import { Hono } from "hono";

/** One thing that must be well. */
export interface HealthCheck {
  readonly name: string;
  /** Undefined when well, else why not, in a sentence that anybody may read. */
  readonly problem: () => string | undefined;
}

/** What is served. */
export interface HealthAppDeps {
  /** Beyond answering at all, which proves that the event loop turns. A failure makes Kubernetes restart the process. */
  readonly alive: readonly HealthCheck[];
  /** A failure takes the process out of Services and holds an update; standbys are ready too. */
  readonly ready: readonly HealthCheck[];
  readonly metrics: () => Promise<{ readonly text: string; readonly contentType: string }>;
}

/** One line per check, in the manner of Kubernetes' own health endpoints. */
function answer(checks: readonly HealthCheck[]): Response {
  const results = checks.map(({ name, problem }) => ({ name, because: problem() }));
  const isWell = results.every(({ because }) => because === undefined);
  const lines = results.map(({ name, because }) =>
    because === undefined ? `[+] ${name}` : `[-] ${name}: ${because}`,
  );
  return new Response([...lines, isWell ? "ok" : "failed", ""].join("\n"), {
    status: isWell ? 200 : 503,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}

/** The application; `fetch` answers a Request. */
export function createHealthApp({ alive, ready, metrics }: HealthAppDeps): {
  readonly fetch: (request: Request) => Response | Promise<Response>;
} {
  const app = new Hono();
  app.get("/healthz", () => answer(alive));
  app.get("/readyz", () => answer(ready));
  app.get("/metrics", async () => {
    const { text, contentType } = await metrics();
    return new Response(text, { headers: { "content-type": contentType } });
  });
  app.onError(() => new Response("failed\n", { status: 500 }));
  return { fetch: (request) => app.fetch(request) };
}
