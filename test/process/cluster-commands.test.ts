/** Commands that speak to a cluster, as processes: what they load, write and end with, also when a signal ends them. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/real-time.ts";
import { killCommands, runCommand, startCommand } from "../support/running-command.ts";
import { type ServedWorld, serveWorld } from "../support/served-world.ts";

describe("with a cluster", { timeout: 60_000 }, () => {
  let world: ServedWorld;
  let flags: readonly string[] = [];
  beforeAll(async () => {
    world = await serveWorld();
    flags = ["-n", "shop", "--kubeconfig", await world.kubeconfigFor("jane")];
    const { admin } = world.sandbox;
    const post = (path: string, body: object) => admin.request({ method: "POST", path, body });
    await post("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop" },
    });
    await post("/apis/serin.dev/v1alpha1/namespaces/shop/canaries", {
      apiVersion: "serin.dev/v1alpha1",
      kind: "Canary",
      metadata: { name: "orders" },
      spec: {
        targetRef: { name: "orders" },
        routing: { istio: { virtualServices: [{ name: "orders" }] } },
      },
    });
    const labels = { app: "orders" };
    await post("/apis/apps/v1/namespaces/shop/deployments", {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "orders" },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "app", image: "example.com/orders:1" }] },
        },
      },
    });
  });
  afterEach(killCommands);
  afterAll(() => world.close());

  it("get shows what is there, and ends though watches could go on", async () => {
    expect(await runCommand(["get", "orders", ...flags])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^orders in shop {2}New\n/),
      stderr: "",
    });
  });

  it("a command writes one annotation, under the user's name", async () => {
    const ended = await runCommand(["pause", "orders", "--no-wait", "--reason", "lunch", ...flags]);
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(world.writesOf("jane")).toMatchObject([
      { method: "PATCH", path: "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/orders" },
    ]);
    const { stdout } = await runCommand(["get", "orders", "-o", "json", ...flags]);
    const { metadata } = JSON.parse(stdout);
    expect(JSON.parse(metadata.annotations["serin.dev/command"])).toMatchObject({
      action: "pause",
      by: "test",
      reason: "lunch",
    });
  });

  it.each([
    [["wait", "orders"], "waiting for the controller", 130],
    [["get", "-w"], "orders", 0],
  ])("%j ends at a signal", async (argv, shows, code) => {
    const command = startCommand([...argv, ...flags]);
    await eventually("output", 20_000, () => command.stdout().includes(shows));
    command.signal("SIGINT");
    expect(await command.ended).toEqual({ code, signal: null });
  });
});
