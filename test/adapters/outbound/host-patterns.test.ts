import { describe, expect, it } from "vitest";
import { allowsHosts } from "../../../src/adapters/outbound/host-patterns.ts";

describe("the hosts that may be named", () => {
  it.each([
    ["*", "anything.example"],
    ["slack.com", "slack.com"],
    ["slack.com", "SLACK.com."],
    ["a.b, slack.com", "slack.com"],
    ["*.slack.com", "hooks.slack.com"],
    ["*.svc", "prometheus.monitoring.svc"],
    ["10.0.0.1", "10.0.0.1"],
    ["[::1]", "[::1]"],
  ])("are by %s among others %s", (list, host) => {
    expect(allowsHosts(list)(host)).toBe(true);
  });

  it.each([
    ["slack.com", "notslack.com"],
    ["slack.com", "slack.com.evil.example"],
    ["slack.com", "hooks.slack.com"],
    ["*.slack.com", "slack.com"],
    ["*.slack.com", ".slack.com"],
    ["*.slack.com", "evilslack.com"],
    ["*slack.com", "hooks.slack.com"],
    ["", "slack.com"],
  ])("are by %j not %s", (list, host) => {
    expect(allowsHosts(list)(host)).toBe(false);
  });
});
