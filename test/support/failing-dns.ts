/**
 * For `node --import`: names under serin.test are this machine. Lines of the file FAILING_DNS are `NAME CODE`: lookups of that name
 * fail with that code.
 */
import dns from "node:dns";
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const file = process.env["FAILING_DNS"] ?? "";
const real = dns.lookup;

function codeFor(name: string): string | undefined {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.map((line) => line.split(" ")).find(([host]) => host === name)?.[1];
}

Object.assign(dns, {
  lookup(name: string, ...rest: readonly unknown[]): void {
    const isOurs = name.endsWith(".serin.test");
    const code = codeFor(name);
    const done = rest.at(-1);
    if (code === undefined || typeof done !== "function") {
      Reflect.apply(real, dns, [isOurs ? "127.0.0.1" : name, ...rest]);
      return;
    }
    process.nextTick(done, Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code }));
  },
});
syncBuiltinESMExports();
