import { describe, expect, it } from "vitest";
import { measuredFor } from "../../../src/core/canary/measured-for.ts";
import { failed, initialized, mirroring, progressing } from "../../support/snapshots.ts";

describe("what is measured", () => {
  it("is the release, or the initialisation before the first", () => {
    expect(measuredFor(initialized())).toBe("initialisation");
    expect(measuredFor(failed())).toBe("next-1");
  });

  it("tells copies, which other pods report, from live requests", () => {
    expect(measuredFor(mirroring("confirmed"))).toBe("next-1/mirror");
  });

  it("is another thing after each retreat", () => {
    expect(measuredFor(progressing(0, "confirmed", { release: { retreats: 2 } }))).toBe("next-1/2");
  });
});
