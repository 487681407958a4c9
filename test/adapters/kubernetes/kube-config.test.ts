import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  connectByKubeconfig,
  connectInCluster,
  type KubeConnection,
} from "../../../src/adapters/kubernetes/kube-config.ts";
import { createTransport } from "../../../src/adapters/kubernetes/transport.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { testCertificate, testKey } from "../../support/tls-fixture.ts";

let directory = "";
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "serin-kube-config-"));
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(directory, { recursive: true });
});

const write = (name: string, text: string) => writeFile(join(directory, name), text);

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  );
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A server that keeps what it was asked, and answers with an empty object. */
function recorder() {
  const seen: IncomingMessage[] = [];
  const answer: RequestListener = (request, response) => {
    seen.push(request);
    response.setHeader("content-type", "application/json");
    if (request.url?.includes("watch") === true) {
      response.write('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1"}}}\n');
    } else response.end("{}");
  };
  const sockets = () => new Set(seen.map(({ socket }) => socket));
  return { answer, seen, sockets };
}

function transportOver({ wire }: KubeConnection) {
  return createTransport({
    ...wire,
    clock: createManualClock(),
    log: createRecordingLog(),
    random: () => 0,
    userAgent: "serin/test",
    burst: 1_000,
  });
}

const kubeconfig = (server: string, cluster: string, user: string) => `
apiVersion: v1
kind: Config
current-context: main
clusters:
  - { name: c, cluster: { server: "${server}"${cluster} } }
users:
  - { name: u, user: {${user}} }
contexts:
  - { name: main, context: { cluster: c, user: u, namespace: shop } }
  - { name: lost, context: { cluster: none, user: u } }
`;

async function connect(text: string, context?: string): Promise<KubeConnection> {
  await write("config", text);
  const connection = await connectByKubeconfig({
    path: join(directory, "config"),
    clock: createManualClock(),
    log: createRecordingLog(),
    ...(context === undefined ? {} : { context }),
  });
  closing.unshift(() => connection.close());
  return connection;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const get = { method: "GET", path: "/api/v1/pods" } as const;

describe("a connection by kubeconfig", () => {
  it("works over plain http, and tells the context's namespace", async () => {
    const { answer, seen } = recorder();
    const port = await listen(createServer(answer));
    const connection = await connect(kubeconfig(`http://127.0.0.1:${port}`, "", " token: abc "));
    expect(await transportOver(connection).request(get)).toEqual({});
    expect(connection.namespace).toBe("shop");
    expect(seen[0]?.headers).toMatchObject({
      authorization: "Bearer abc",
      "user-agent": "serin/test",
    });
  });

  it("sends a name and password", async () => {
    const { answer, seen } = recorder();
    const port = await listen(createServer(answer));
    const user = " username: ann, password: p ";
    await transportOver(await connect(kubeconfig(`http://127.0.0.1:${port}`, "", user))).request(
      get,
    );
    expect(seen[0]?.headers.authorization).toBe(`Basic ${base64("ann:p")}`);
  });

  it("uses a few connections for two hundred requests, and others for watches", async () => {
    const { answer, seen, sockets } = recorder();
    const port = await listen(createServer(answer));
    const transport = transportOver(await connect(kubeconfig(`http://127.0.0.1:${port}`, "", "")));
    for (let count = 0; count < 20; count += 1) {
      await Promise.all(Array.from({ length: 10 }, () => transport.request(get)));
    }
    expect(seen).toHaveLength(200);
    // Ten at a time; a connection is free again a moment after its answer is read.
    expect(sockets().size).toBeLessThanOrEqual(20);
    const before = sockets();
    const watch = await transport.stream({ ...get, query: { watch: true } });
    for await (const line of watch) {
      expect(line).toMatchObject({ type: "BOOKMARK" });
      break;
    }
    const watching = seen.at(-1)?.socket;
    expect(watching !== undefined && !before.has(watching)).toBe(true);
  });

  it("trusts the cluster's authority and shows the user's certificate", async () => {
    const { answer, seen } = recorder();
    const tls = { cert: testCertificate, key: testKey, ca: testCertificate, requestCert: true };
    const port = await listen(createTlsServer(tls, answer));
    await write("ca.crt", testCertificate);
    const user = ` client-certificate-data: ${base64(testCertificate)}, client-key-data: ${base64(testKey)} `;
    const text = kubeconfig(`https://127.0.0.1:${port}`, ", certificate-authority: ca.crt", user);
    await transportOver(await connect(text)).request(get);
    const socket = seen[0]?.socket;
    expect(socket instanceof TLSSocket && socket.authorized).toBe(true);
  });

  it("refuses a server that nobody vouches for, and says which error it was", async () => {
    const { answer, seen } = recorder();
    const port = await listen(createTlsServer({ cert: testCertificate, key: testKey }, answer));
    const transport = transportOver(
      await connect(kubeconfig(`https://127.0.0.1:${port}`, "", " token: abc ")),
    );
    await expect(transport.request(get)).rejects.toMatchObject({
      reason: "Unreachable",
      message: "GET pods: DEPTH_ZERO_SELF_SIGNED_CERT, the server's certificate is not trusted",
    });
    expect(seen).toHaveLength(0);
  });

  it("follows no redirect", async () => {
    const { answer, seen } = recorder();
    const elsewhere = await listen(createServer(answer));
    const port = await listen(
      createServer((_, response) => {
        response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}/api/v1/pods` }).end();
      }),
    );
    const transport = transportOver(
      await connect(kubeconfig(`http://127.0.0.1:${port}`, "", " token: abc ")),
    );
    await expect(transport.request(get)).rejects.toMatchObject({ reason: "RedirectRefused" });
    expect(seen).toHaveLength(0);
  });

  it.each([
    ["nowhere", undefined, /no context "nowhere"/],
    ["lost", undefined, /no context "lost"/],
    [undefined, "{ secret: [", /^\S+config: YAMLException$/],
  ])("with the context %s and the text %s says what to change", async (context, text, message) => {
    const broken = connect(text ?? kubeconfig("http://127.0.0.1:1", "", ""), context);
    await expect(broken).rejects.toMatchObject({ reason: "KubeconfigInvalid" });
    await expect(broken).rejects.toThrow(message);
  });

  it("that is not there says so", async () => {
    const path = join(directory, "missing");
    const log = createRecordingLog();
    await expect(
      connectByKubeconfig({ path, clock: createManualClock(), log }),
    ).rejects.toMatchObject({
      reason: "KubeconfigInvalid",
      message: `${path}: there is no such file`,
    });
  });
});

describe("a connection from inside a pod", () => {
  async function setUp() {
    const { answer, seen } = recorder();
    const port = await listen(createTlsServer({ cert: testCertificate, key: testKey }, answer));
    await write("ca.crt", testCertificate);
    await write("namespace", "serin\n");
    await write("token", "first\n");
    const clock = createManualClock();
    const connection = await connectInCluster({
      host: "127.0.0.1",
      port: `${port}`,
      clock,
      log: createRecordingLog(),
      directory,
    });
    closing.unshift(() => connection.close());
    return { clock, connection, seen, transport: transportOver(connection) };
  }

  it("uses the ServiceAccount's token, authority and namespace", async () => {
    const { connection, seen, transport } = await setUp();
    await transport.request(get);
    expect(connection.namespace).toBe("serin");
    expect(seen[0]?.headers.authorization).toBe("Bearer first");
  });

  it("reads a renewed token within a minute", async () => {
    const { clock, seen, transport } = await setUp();
    await transport.request(get);
    await write("token", "second");
    clock.step(59_999);
    await transport.request(get);
    clock.step(1);
    await transport.request(get);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer first",
      "Bearer first",
      "Bearer second",
    ]);
  });

  it("waits for a token that cannot be read now", async () => {
    const { seen, transport } = await setUp();
    await rm(join(directory, "token"));
    await expect(transport.request(get)).rejects.toMatchObject({
      reason: "CredentialsUnavailable",
    });
    await write("token", "back");
    await transport.request(get);
    expect(seen[0]?.headers.authorization).toBe("Bearer back");
  });

  it("says so where there is no ServiceAccount", async () => {
    const clock = createManualClock();
    const log = createRecordingLog();
    const source = { host: "10.0.0.1", port: "443", clock, log, directory };
    await expect(connectInCluster(source)).rejects.toMatchObject({ reason: "NotInCluster" });
  });

  it("puts brackets around an IPv6 address", async () => {
    await write("ca.crt", testCertificate);
    await write("namespace", "serin");
    const clock = createManualClock();
    const log = createRecordingLog();
    const source = { host: "fd00::1", port: "443", clock, log, directory };
    const connection = await connectInCluster(source);
    closing.unshift(() => connection.close());
    expect(connection.wire.baseUrl).toBe("https://[fd00::1]:443");
  });
});
