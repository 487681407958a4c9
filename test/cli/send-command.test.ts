/** `serin promote`, `abort`, `retry`, `pause` and `resume` beside the real controller: carried out, refused, or unanswered. */
import { afterEach, describe, expect, it } from "vitest";
import type { CommandError } from "../../src/cli/command-error.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { type Asking, askController } from "../../src/cli/send-command.ts";
import { clusterOf, createOutput, observeEnd } from "../support/cli-cluster.ts";
import { runSerin } from "../support/cli-run.ts";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../support/running-shop.ts";
import type { World } from "../support/world.ts";

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

/** Stages that do not end by themselves. */
async function open(): Promise<RunningShop> {
  const stages = [10, 50, 100].map((weight) => ({ weight, minSeconds: 1_000 }));
  const running = await openShop({ spec: { stages } });
  worlds.push(running.world);
  return running;
}

function ask(world: World, action: Asking["action"], more: Partial<Asking> = {}) {
  const stdout = createOutput();
  const stderr = createOutput();
  const asking = { name: "orders", action, by: "jane", reason: "said so", isWaiting: true };
  const seed = { value: worlds.length * 1_000 };
  const random = () => {
    seed.value += 1;
    return (Math.sin(seed.value + action.length) + 1) / 2;
  };
  const { ended } = observeEnd(
    askController(clusterOf(world, { random }), { ...asking, stdout, stderr, ...more }),
  );
  return {
    stdout,
    stderr,
    ended,
    end: async (withinMs = 9_000) => {
      await world.settle();
      if (ended() === undefined) await world.until("answer", () => ended() !== undefined, withinMs);
      return ended() ?? { code: -1, message: "" };
    },
  };
}

describe("a command", () => {
  it("pauses, resumes and promotes a release, each answered with what was done", async () => {
    const { world, shop } = await open();
    await shop.push("2");
    await untilRouted({ world, shop }, 10, 60_000);
    const pause = ask(world, "pause");
    expect(await pause.end()).toMatchObject({ code: exitCodes.done });
    expect(pause.stdout.text()).toMatch(/^orders: pause is done: /);
    expect(await shop.status()).toMatchObject({
      phase: "Waiting",
      lastCommand: { action: "pause", by: "jane", reason: "said so", outcome: "Done" },
    });
    expect(await ask(world, "resume").end()).toMatchObject({ code: exitCodes.done });
    expect((await shop.status()).phase).toBe("Progressing");
    expect(await ask(world, "promote").end()).toMatchObject({ code: exitCodes.done });
    await untilRouted({ world, shop }, 50, 60_000);
    expect(await ask(world, "promoteFull").end()).toMatchObject({ code: exitCodes.done });
    await untilPhase({ world, shop }, "Succeeded", 120_000);
  });

  it("aborts a release with the reason and who gave it, and lets it be tried again", async () => {
    const { world, shop } = await open();
    await shop.push("2");
    await untilRouted({ world, shop }, 10, 60_000);
    const abort = ask(world, "abort", { reason: "customers call" });
    expect(await abort.end()).toMatchObject({ code: exitCodes.done });
    expect(abort.stdout.text()).toMatch(/^orders: abort is done: /);
    expect(await shop.routedWeight()).toBe(0);
    expect(await shop.status()).toMatchObject({
      phase: "Failed",
      lastCommand: { action: "abort", reason: "customers call (jane)", outcome: "Done" },
    });
    await world.until("drained", async () => (await shop.status()).drain === undefined, 60_000);
    expect(await ask(world, "retry").end()).toMatchObject({ code: exitCodes.done });
    await untilRouted({ world, shop }, 10, 60_000);
  });

  it("that does not apply ends with 1, and the controller's reason", async () => {
    const { world } = await open();
    for (const action of ["promote", "resume", "abort"] as const) {
      const { code, message } = await ask(world, action).end();
      expect(code).toBe(exitCodes.failed);
      expect(message).toMatch(new RegExp(`^${action} is refused: .+`));
    }
  });

  it("that nobody answers ends with 3, and says that it stands", async () => {
    const { world, shop, process } = await open();
    await process.stop();
    const promote = ask(world, "promote");
    await world.settle();
    await world.advance(9_999);
    expect(promote.ended()).toBeUndefined();
    const { code, message } = await promote.end(10);
    expect(code).toBe(exitCodes.timedOut);
    expect(message).toContain("no controller has answered within 10s; promote stays asked for");
    const second = ask(world, "pause");
    await world.settle();
    expect(second.stderr.text()).toContain(
      "this replaces a command that was not answered yet: promote by jane",
    );
    const { metadata } = await shop.canary();
    expect(JSON.stringify(metadata)).toContain("pause");
  });

  it("need not be waited for", async () => {
    const { world, process } = await open();
    await process.stop();
    const pause = ask(world, "pause", { isWaiting: false });
    expect(await pause.end(10)).toMatchObject({ code: exitCodes.done });
    expect(pause.stdout.text()).toBe("orders: pause is asked for; see: serin get orders\n");
  });

  it("of a name or reason that is too long is refused before it is sent", async () => {
    const { world, shop } = await open();
    const before = await shop.canary();
    const asking = { name: "orders", action: "pause", isWaiting: true } as const;
    const output = { stdout: createOutput(), stderr: createOutput() };
    const long = (by: string, reason: string): Promise<number | CommandError> =>
      askController(clusterOf(world), { ...asking, ...output, by, reason });
    await expect(long("b".repeat(129), "")).rejects.toThrow("--by: ");
    await expect(long("jane", "r".repeat(513))).rejects.toThrow("--reason: ");
    expect(await shop.canary()).toEqual(before);
  });

  it("abort asks for a reason", async () => {
    const { code, stderr } = await runSerin(["abort", "orders"]);
    expect(code).toBe(exitCodes.wrongUsage);
    expect(stderr).toContain("required option '--reason <text>' not specified");
  });
});
