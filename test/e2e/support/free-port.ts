/**
 * A TCP port of loopback that nobody listens on now. Below the range from which systems take the ports of outgoing connections:
 * a server that is away for a while finds its own still free.
 */
import { createServer } from "node:net";

const first = 20_000;
const last = 29_999;
const mostTries = 50;

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found between ${first} and ${last}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
