import { describe, expect, it } from "vitest";
import { clockToleranceMs } from "../../src/controller/limits.ts";
import { Memories } from "../../src/controller/memory.ts";
import { pastStatus } from "../../src/controller/past-status.ts";
import { toInstant } from "../../src/core/instant.ts";
import { ago, now, progressing } from "../support/snapshots.ts";

const createMemory = () => new Memories().of("shop/web");
const written = progressing(1, "confirmed");
/** The newest instant of that status. */
const newest = Date.parse(written.refreshedAt ?? "");

describe("a status", () => {
  it("whose instants are past is read as it is", () => {
    expect(pastStatus(written, createMemory(), now)).toBe(written);
    expect(pastStatus(written, createMemory(), newest - clockToleranceMs)).toBe(written);
  });

  it("with instants ahead of our clock is read as if they had just come", () => {
    const at = newest - clockToleranceMs - 1;
    const read = pastStatus(written, createMemory(), at);
    expect(read).toEqual({ ...written, refreshedAt: toInstant(at) });
  });

  it("says the same in every later pass, also when our clock has got there", () => {
    const memory = createMemory();
    const first = pastStatus(written, memory, newest - 300_000);
    expect(pastStatus(written, memory, newest - 200_000)).toEqual(first);
    expect(pastStatus(written, memory, newest + 60_000)).toEqual(first);
  });

  it("that our own clock wrote before it was set back is read as it is", () => {
    const memory = createMemory();
    pastStatus({}, memory, newest);
    expect(pastStatus(written, memory, newest - 20_000)).toBe(written);
  });

  it("keeps what is still to come", () => {
    const heldForStable = { since: ago(-300), until: ago(-400) };
    const { stage } = written.release ?? {};
    const status = {
      ...written,
      heldForStable,
      ...(written.release !== undefined &&
        stage !== undefined && {
          release: { ...written.release, stage: { ...stage, enteredAt: ago(-300) } },
        }),
    };
    expect(pastStatus(status, createMemory(), now).heldForStable).toEqual({
      since: toInstant(now),
      until: ago(-400),
    });
  });
});
