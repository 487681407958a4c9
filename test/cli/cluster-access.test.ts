/** How commands find a cluster over real sockets, and what they say when they find none or are refused. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { createApiServer } from "../../src/sandbox/api-server/api-server.ts";
import { listenLoopback } from "../../src/sandbox/api-server/listen.ts";
import { runSerin } from "../support/cli-run.ts";

let folder = "";
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "serin-test-"));
});
afterAll(async () => {
  for (const close of closing) await close();
  await rm(folder, { recursive: true });
});

async function serve(fetch: (request: Request) => Promise<Response>): Promise<string> {
  const server = await listenLoopback(fetch, 0);
  closing.push(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

/** A kubeconfig with one context, in a namespace of its own. */
async function kubeconfig(name: string, server: string): Promise<string> {
  const path = join(folder, name);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
    users: [{ name, user: { token: "secret-token" } }],
  };
  await writeFile(path, stringify(config));
  return path;
}

const refusal = (code: number, reason: string, message: string) => () =>
  Promise.resolve(
    Response.json({ kind: "Status", apiVersion: "v1", code, reason, message }, { status: code }),
  );

const emptyList = () =>
  Promise.resolve(Response.json({ kind: "List", metadata: { resourceVersion: "1" }, items: [] }));

describe("the cluster", () => {
  it("is the current context's, in its namespace, unless flags say otherwise", async () => {
    const paths: string[] = [];
    const server = await serve((request) => {
      paths.push(new URL(request.url).pathname);
      return emptyList();
    });
    const path = await kubeconfig("one", server);
    const { stdout } = await runSerin(["get"], { env: { KUBECONFIG: path } });
    expect(stdout).toContain("there is no Canary in namespace of-one");
    await runSerin(["get", "-n", "shop", "--kubeconfig", path]);
    await runSerin(["get", "-A", "--kubeconfig", path]);
    expect(paths).toEqual([
      "/apis/serin.dev/v1alpha1/namespaces/of-one/canaries",
      "/apis/serin.dev/v1alpha1/namespaces/shop/canaries",
      "/apis/serin.dev/v1alpha1/canaries",
    ]);
  });

  it("is found among several files, those passed by that are not there", async () => {
    const server = await serve(emptyList);
    const missing = join(folder, "missing");
    const files = [missing, await kubeconfig("two", server), await kubeconfig("three", server)];
    const env = { KUBECONFIG: files.join(":") };
    expect((await runSerin(["get"], { env })).stdout).toContain("of-two");
    expect((await runSerin(["get", "--context", "three"], { env })).stdout).toContain("of-three");
  });
});

describe("without a cluster", () => {
  it.each<[what: string, server: () => Promise<string>, says: string]>([
    [
      "that is reached",
      async () => {
        const server = await listenLoopback(emptyList, 0);
        await server.close();
        return `http://127.0.0.1:${server.port}`;
      },
      "ECONNREFUSED; is it running, and is this the right context?",
    ],
    [
      "that knows who asks",
      () => serve(refusal(401, "Unauthorized", "Unauthorized")),
      "does not accept the kubeconfig's credentials",
    ],
    [
      "that lets the user in",
      () => serve(refusal(403, "Forbidden", 'User "jane" cannot list resource "canaries"')),
      'User "jane" cannot list resource "canaries"; ask for these rights, or choose another --context',
    ],
    [
      "that is well",
      () => serve(refusal(500, "InternalError", "etcd is gone")),
      "cannot answer now",
    ],
    [
      "that knows Serin",
      () => serve((request) => createApiServer({ clock: createSystemClock() }).fetch(request)),
      "the cluster does not know Serin's kinds; install them: serin crds | kubectl apply -f -",
    ],
  ])("%s a command ends with 5 and one sentence", async (what, server, says) => {
    const path = await kubeconfig(what.replaceAll(" ", "-"), await server());
    for (const argv of [["get"], ["get", "orders"], ["wait", "orders"]]) {
      const { code, stdout, stderr } = await runSerin(argv, { env: { KUBECONFIG: path } });
      expect(stderr).toContain(says);
      expect(stderr).toMatch(/^serin: .+\n$/);
      expect(stderr).not.toContain("secret-token");
      expect({ code, stdout }).toEqual({ code: exitCodes.noCluster, stdout: "" });
    }
  });

  it.each([
    [["--kubeconfig", "/nowhere"], "/nowhere: there is no such file"],
    [[], "there is no kubeconfig; name one by --kubeconfig or KUBECONFIG"],
  ])("in a kubeconfig, as with %j, it says where one is looked for", async (flags, says) => {
    const { code, stderr } = await runSerin(["get", ...flags], { env: { HOME: "/nowhere" } });
    expect(stderr).toContain(says);
    expect(code).toBe(exitCodes.noCluster);
  });

  it("ends with 130 when it is interrupted", async () => {
    const path = await kubeconfig("silent", await serve(() => new Promise(() => undefined)));
    const stop = new AbortController();
    const running = runSerin(["get"], { env: { KUBECONFIG: path }, signal: stop.signal });
    stop.abort();
    expect(await running).toMatchObject({ code: exitCodes.interrupted });
  });
});

describe("wrong usage", () => {
  it.each([
    [["wait"], "missing required argument 'name'"],
    [["wait", "orders", "--timeout", "soon"], "--timeout soon: give a time such as 90s, 10m"],
    [["get", "-o", "xml"], "Allowed choices are text, wide, json, yaml"],
  ])("of %j has exit code 2", async (argv, says) => {
    const { code, stderr } = await runSerin(argv);
    expect(stderr).toContain(says);
    expect(code).toBe(exitCodes.wrongUsage);
  });
});
