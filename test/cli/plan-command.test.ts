/** `serin plan`: what it tells of Canaries at a rate, without a cluster. */
import { describe, expect, it } from "vitest";
import { runSerin } from "../support/cli-run.ts";

const canary = (spec = "") => `apiVersion: serin.dev/v1alpha1
kind: Canary
metadata: { name: orders }
spec:
  targetRef: { name: orders }
  routing: { istio: { virtualServices: [{ name: orders }] } }
${spec}`;
const plan = (stdin: string, ...flags: readonly string[]) =>
  runSerin(["plan", "-", ...flags], { stdin });

describe("serin plan", () => {
  it("tells what each stage takes at a rate", async () => {
    const { code, stdout } = await plan(canary(), "--rps", "50");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^default\/orders: at 50 requests a second a good version takes about \d+ min$/m,
    );
    expect(stdout).toMatch(
      /^ +10 % +\d+ (s|min): \d+ canary requests exclude an excess above \d points \([a-z0-9-]+\)$/m,
    );
    expect(stdout).toMatch(/^ +100 % +60 s, nothing to exclude$/m);
    expect(stdout).toMatch(/a fault beyond a limit is off within \d+ s/);
  });

  it("says what cannot be promised where requests come seldom", async () => {
    const { code, stdout } = await plan(canary(), "--rps", "0.5");
    expect(code).toBe(0);
    expect(stdout).toContain("warning: the stage at 10 % needs");
    expect(stdout).toContain("analysis.onInconclusive decides");
  });

  it("gives programs the same in JSON", async () => {
    const { stdout } = await plan(canary(), "--rps", "50", "-o", "json");
    expect(JSON.parse(stdout)).toMatchObject([
      { namespace: "default", name: "orders", kind: "Planned", plan: { warnings: [] } },
    ]);
  });

  it("names what is wrong", async () => {
    expect((await plan(canary(), "--rps", "none")).code).toBe(2);
    expect((await plan("kind: Nothing", "--rps", "5")).code).toBe(1);
    const bad = "  analysis: { onInconclusive: { action: PromoteIfExcluded } }";
    const { code, stdout } = await plan(canary(bad), "--rps", "5");
    expect(code).toBe(1);
    expect(stdout).toContain("give excessBelow with action PromoteIfExcluded");
    const narrow = `  analysis:
    metrics:
      - name: e
        templateRef: { name: istio-error-rate }
        limit: { max: 5 }
        compare: { tolerated: { ratio: 1.2, add: 1 }, harmful: { ratio: 1.5, add: 1 } }`;
    expect((await plan(canary(narrow), "--rps", "5")).stdout).toContain(
      "harmful must be more than tolerated",
    );
    const off = narrow.replace(/compare: .*/, "compare: null");
    expect((await plan(canary(off), "--rps", "5")).stdout).toContain("nothing to exclude");
  });
});
