/** The bin: builds the process's surroundings for the command line and ends with its exit code. */
import { fstatSync, writeFileSync } from "node:fs";
import { runCli } from "./cli/cli.ts";

/** How long a log may still be on its way when everything else has ended. */
const flushMs = 1_000;

const stop = new AbortController();
let signals = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    signals += 1;
    // npm hands a terminal's signal on a second time; a third is somebody who does not want to wait.
    if (signals > 2) process.exit(130);
    stop.abort();
  });
}

// Nobody reads any more what a command says, so that it ends; the controller has more to do than to be read.
const endsUnread = process.argv[2] !== "controller";
process.stdout.on("error", () => {
  if (endsUnread) stop.abort();
});
process.stderr.on("error", () => undefined);

// Timers of the Clock do not keep a process alive, and a command without a socket has nothing else that would.
// oxlint-disable-next-line no-restricted-globals -- it never fires: it only holds the process until the command ends
const hold = setInterval(() => undefined, 2 ** 30);
process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: outputOf(process.stdout, 1),
  stderr: process.stderr,
  cwd: process.cwd(),
  signal: stop.signal,
});
clearInterval(hold);
// What was written may still be on its way into a pipe; whoever closed it does not want the rest. A log is not waited for.
const written = whenWritten([process.stdout, process.stderr]);
await (endsUnread ? written : Promise.race([written, waited(flushMs)]));
// Sockets that clients keep open must not keep a finished command alive.
process.exit();

/** Node's own stream to a file gives up for good at the first write that a full disk refuses. */
function outputOf(stream: NodeJS.WriteStream, file: number) {
  const kind = fstatSync(file);
  const isFile = kind.isFile() || (kind.isCharacterDevice() && !stream.isTTY);
  return isFile ? { write: (text: string) => writeFileSync(file, text) } : stream;
}

async function whenWritten(streams: readonly NodeJS.WriteStream[]): Promise<void> {
  await Promise.all(
    streams.map((stream) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      stream.once("error", () => resolve());
      stream.write("", () => resolve());
      return promise;
    }),
  );
}

function waited(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // oxlint-disable-next-line no-restricted-globals -- nothing else runs any more, no Clock either
  setTimeout(resolve, ms);
  return promise;
}
