/** What a running client does when its token, its authority or the server's certificate changes under it. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  connectByKubeconfig,
  connectInCluster,
  type KubeConnection,
} from "../../../src/adapters/kubernetes/kube-config.ts";
import { createTransport, type Transport } from "../../../src/adapters/kubernetes/transport.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { createRecordingLog, type RecordingLog } from "../../support/recording-log.ts";
import {
  expiredCertificate,
  expiredKey,
  testCertificate,
  testKey,
} from "../../support/tls-fixture.ts";

const fixture = (name: string): Promise<string> =>
  readFile(new URL(`../metrics/prometheus/fixtures/${name}`, import.meta.url), "utf8");
const first = { cert: testCertificate, key: testKey };
const expired = { cert: expiredCertificate, key: expiredKey };
const get = { method: "GET", path: "/api/v1/pods" } as const;
const patch = { method: "PATCH", path: "/api/v1/pods/a", patch: "merge", body: {} } as const;

let directory = "";
let server: Server;
let seen: IncomingMessage[] = [];
/** What the server lets in. */
let accepted = "";
let clock: ManualClock;
let log: RecordingLog;
let connection: KubeConnection | undefined;

const write = (name: string, text: string) => writeFile(join(directory, name), text);
const tokens = () => seen.map(({ headers }) => headers.authorization?.replace("Bearer ", ""));
const messages = () => log.lines.map(({ message }) => message);

const answer: RequestListener = (request, response) => {
  seen.push(request);
  const isKnown = request.headers.authorization === `Bearer ${accepted}`;
  response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
  if (request.url?.includes("watch") === true && isKnown) response.write("{}\n");
  else response.end(isKnown ? "{}" : '{"kind":"Status","code":401,"reason":"Unauthorized"}');
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "serin-live-"));
  seen = [];
  accepted = "one";
  clock = createManualClock();
  log = createRecordingLog();
  server = createServer(first, answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  await write("ca.crt", testCertificate);
  await write("namespace", "serin");
  await write("token", "one");
});
afterEach(async () => {
  await connection?.close();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await rm(directory, { recursive: true });
});

function portOf(): string {
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? `${address.port}` : "";
}

function transportOver({ wire }: KubeConnection, mayWrite = () => true): Transport {
  return createTransport({ ...wire, clock, log, random: () => 0, userAgent: "t", mayWrite });
}

async function inPod(mayWrite?: () => boolean): Promise<Transport> {
  const source = { host: "127.0.0.1", port: portOf(), clock, log, directory };
  connection = await connectInCluster(source);
  return transportOver(connection, mayWrite);
}

/** As a server that is started again with other papers: no connection outlives it. */
async function serveWith(papers: { cert: string; key: string }): Promise<void> {
  server.setSecureContext(papers);
  server.closeAllConnections();
  // The client notices by the end of its idle connections.
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
}

describe("a token that the server refuses", () => {
  it("is read again at once, and the request goes with the new one", async () => {
    const transport = await inPod();
    await transport.request(get);
    await write("token", "two");
    accepted = "two";
    clock.step(1_000);
    expect(await transport.request(get)).toEqual({});
    expect(await transport.request(patch)).toEqual({});
    expect(tokens()).toEqual(["one", "one", "two", "two"]);
    expect(log.lines).toMatchObject([
      {
        level: "warn",
        message: "credentials were refused and read again",
        fields: { isNew: true },
      },
    ]);
  });

  it("is read once for everybody who is refused with it", async () => {
    const transport = await inPod();
    await transport.request(get);
    await write("token", "two");
    accepted = "two";
    clock.step(1_000);
    await Promise.all(Array.from({ length: 5 }, () => transport.request(get)));
    expect(tokens().filter((token) => token === "two")).toHaveLength(5);
    expect(messages()).toHaveLength(1);
  });

  it("is not asked with again while it is the only one, and is looked for once a second", async () => {
    const transport = await inPod();
    accepted = "other";
    const refused = { name: "StallError", reason: "Unauthorized" };
    clock.step(1_000);
    await expect(transport.request(get)).rejects.toMatchObject(refused);
    await expect(transport.request(get)).rejects.toMatchObject(refused);
    expect(tokens()).toEqual(["one", "one"]);
    await write("token", "other");
    await expect(transport.request(get)).rejects.toMatchObject(refused);
    clock.step(1_000);
    expect(await transport.request(get)).toEqual({});
  });

  it("is replaced for a watch too", async () => {
    const transport = await inPod();
    await transport.request(get);
    await write("token", "two");
    accepted = "two";
    clock.step(1_000);
    const lines = await transport.stream({ ...get, query: { watch: true } });
    for await (const line of lines) {
      expect(line).toEqual({});
      break;
    }
    expect(tokens()).toEqual(["one", "one", "two"]);
  });

  it("lets no write go a second time once the lease is lost", async () => {
    let mayWrite = true;
    const transport = await inPod(() => mayWrite);
    await transport.request(get);
    await write("token", "two");
    accepted = "two";
    clock.step(1_000);
    server.prependListener("request", () => {
      mayWrite = false;
    });
    await expect(transport.request(patch)).rejects.toMatchObject({ reason: "NotLeader" });
    expect(tokens()).toEqual(["one", "one"]);
  });
});

describe("a token that cannot be read for a while", () => {
  it("is used on, and this is reported", async () => {
    const transport = await inPod();
    await transport.request(get);
    await rm(join(directory, "token"));
    clock.step(60_000);
    expect(await transport.request(get)).toEqual({});
    expect(tokens()).toEqual(["one", "one"]);
    expect(log.lines).toMatchObject([
      {
        message: "credentials cannot be read, keeping those of before",
        fields: { because: "ENOENT" },
      },
    ]);
    await write("token", "two");
    accepted = "two";
    clock.step(1_000);
    expect(await transport.request(get)).toEqual({});
  });
});

describe("an authority that is rotated", () => {
  const rotate = async () => {
    const [cert, key] = [await fixture("server.pem"), await fixture("server-key.pem")];
    await serveWith({ cert, key });
    return write("ca.crt", await fixture("authority.pem"));
  };

  it("is read when the server's certificate is not trusted any more, in the same request", async () => {
    const transport = await inPod();
    await transport.request(get);
    await rotate();
    clock.step(1_000);
    expect(await transport.request(get)).toEqual({});
    expect(await transport.request(patch)).toEqual({});
    expect(messages()).toEqual([
      "the authority or the client's certificate changed, connecting anew",
      "credentials were refused and read again",
    ]);
  });

  it("is read every minute also while nothing fails", async () => {
    const transport = await inPod();
    await transport.request(get);
    await write("ca.crt", await fixture("authority.pem"));
    clock.step(60_000);
    // What is trusted now is not what this server has.
    await expect(transport.request(get)).rejects.toMatchObject({ reason: "Unreachable" });
  });

  it("that comes later than the certificate is told by what it is until then", async () => {
    const transport = await inPod();
    await transport.request(get);
    const [cert, key] = [await fixture("server.pem"), await fixture("server-key.pem")];
    await serveWith({ cert, key });
    clock.step(1_000);
    await expect(transport.request(get)).rejects.toMatchObject({
      name: "RetryableError",
      message: expect.stringMatching(/^GET pods: \w+, the server's certificate is not trusted$/),
    });
    await write("ca.crt", await fixture("authority.pem"));
    clock.step(1_000);
    expect(await transport.request(get)).toEqual({});
  });

  it("lets watches go on that trust in the former one", async () => {
    const transport = await inPod();
    const lines = await transport.stream({ ...get, query: { watch: true } });
    const reader = lines[Symbol.asyncIterator]();
    expect(await reader.next()).toMatchObject({ done: false });
    const next = reader.next();
    await write("ca.crt", `${testCertificate}${await fixture("authority.pem")}`);
    clock.step(60_000);
    await transport.request(get);
    expect(messages()).toEqual([
      "the authority or the client's certificate changed, connecting anew",
    ]);
    const ended = reader.return?.();
    await expect(Promise.race([next, Promise.resolve("still open")])).resolves.toBe("still open");
    server.closeAllConnections();
    await Promise.allSettled([next, ended]);
  });
});

describe("a certificate of the server that has expired", () => {
  it("is named, and a new one is trusted at once", async () => {
    await write("ca.crt", `${testCertificate}${expiredCertificate}`);
    const transport = await inPod();
    await transport.request(get);
    await serveWith(expired);
    clock.step(1_000);
    await expect(transport.request(get)).rejects.toMatchObject({
      name: "RetryableError",
      message: "GET pods: CERT_HAS_EXPIRED, the server's certificate has expired",
    });
    await serveWith(first);
    expect(await transport.request(get)).toEqual({});
  });
});

describe("a kubeconfig that is written anew", () => {
  const kubeconfig = (token: string, authority: string) => `
apiVersion: v1
kind: Config
current-context: main
clusters: [{ name: c, cluster: { server: "https://127.0.0.1:${portOf()}", certificate-authority-data: ${Buffer.from(authority).toString("base64")} } }]
users: [{ name: u, user: { token: ${token} } }]
contexts: [{ name: main, context: { cluster: c, user: u } }]
`;

  it("is read again when its token, then its authority, is refused", async () => {
    await write("config", kubeconfig("one", testCertificate));
    connection = await connectByKubeconfig({ path: join(directory, "config"), clock, log });
    const transport = transportOver(connection);
    await transport.request(get);
    await write("config", kubeconfig("two", testCertificate));
    accepted = "two";
    clock.step(1_000);
    expect(await transport.request(get)).toEqual({});
    const [cert, key] = [await fixture("server.pem"), await fixture("server-key.pem")];
    await serveWith({ cert, key });
    await write("config", kubeconfig("two", await fixture("authority.pem")));
    clock.step(1_000);
    expect(await transport.request(get)).toEqual({});
  });

  it("and is broken at that moment takes nothing away from what works", async () => {
    await write("config", kubeconfig("one", testCertificate));
    connection = await connectByKubeconfig({ path: join(directory, "config"), clock, log });
    const transport = transportOver(connection);
    await transport.request(get);
    await write("config", "{");
    accepted = "two";
    clock.step(1_000);
    await expect(transport.request(get)).rejects.toMatchObject({ reason: "Unauthorized" });
    accepted = "one";
    expect(await transport.request(get)).toEqual({});
  });
});
