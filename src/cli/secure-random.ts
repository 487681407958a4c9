/** The one source of randomness outside tests: jitter and simulated requests draw from it. */
import { randomInt } from "node:crypto";

/** Uniform in [0, 1). */
export function secureRandom(): number {
  return randomInt(0, 2 ** 32) / 2 ** 32;
}
