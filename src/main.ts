/** The bin: hands the process's surroundings to the command line and ends with its exit code. */
import { runCli } from "./cli/cli.ts";

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

// Timers of the Clock do not keep a process alive, and a command without a socket has nothing else that would.
// oxlint-disable-next-line no-restricted-globals -- it never fires: it only holds the process until the command ends
const hold = setInterval(() => undefined, 2 ** 30);
process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  signal: stop.signal,
});
clearInterval(hold);
// What was written may still be on its way into a pipe; whoever closed it does not want the rest.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.once("error", () => resolve());
    stream.write("", () => resolve());
    return promise;
  }),
);
// Sockets that clients keep open must not keep a finished command alive.
process.exit();
