/**
 * A TCP port of loopback that nobody listens on now, and that nobody else of these tests is given, whatever worker or run they are
 * of: a program may listen on it only seconds later, or be away for a while. Below the range from which systems take the
 * ports of outgoing connections.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const first = 20_000;
const last = 29_999;
const mostTries = 50;
/** One file per port that was given, with the process that has it; who has ended has none. */
const folder = join(tmpdir(), "serin-e2e-ports");

export async function freePort(): Promise<number> {
  mkdirSync(folder, { recursive: true });
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (reserve(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port found between ${first} and ${last}`);
}

/** Of all workers of this process, at its end. */
export function releasePorts(): void {
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  for (const file of files) if (ownerOf(file) === process.pid) rmSync(file, { force: true });
}

function reserve(port: number): boolean {
  const file = join(folder, String(port));
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    // Somebody's. What nobody has any more can be had the next time.
    if (!isRunning(ownerOf(file))) rmSync(file, { force: true });
    return false;
  }
}

function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

function isRunning(pid: number): boolean {
  // Just being written, or just gone.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
