/** What happens in one simulated world, drawn from its seed: versions pushed, hands on the weights, outages, deaths. */
import { CommandAction } from "../../src/api/commands.ts";
import type { Behaviour } from "../support/toy-deployment.ts";

export type Incident =
  | { readonly kind: "Push"; readonly hash: string }
  | { readonly kind: "PushPromoted" }
  | { readonly kind: "HandWeight"; readonly weight: number }
  | { readonly kind: "Abort" | "EraseStatus" | "Delete" }
  | { readonly kind: "Command"; readonly action: CommandAction }
  | { readonly kind: "Kill"; readonly awayMs: number }
  /** Somebody suspends it; a tool writes what is in git, every five seconds. */
  | { readonly kind: "Suspend" | "GitOps"; readonly forMs: number }
  | { readonly kind: "ApiDown" | "RoughWatch" | "FailingWrites"; readonly forMs: number }
  | {
      readonly kind: "Provider";
      readonly state: "Down" | "Empty" | "Slow";
      readonly forMs: number;
    };

export type IncidentAt = Incident & { readonly atMs: number };

export interface Scenario {
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  /** In the order of time. */
  readonly incidents: readonly IncidentAt[];
  /** Begins with a mirror stage. */
  readonly isMirrored: boolean;
  /** The second live stage needs a person's word. */
  readonly isApproved: boolean;
  /** For each process in turn, the write at which it dies. */
  readonly deaths: readonly number[];
}

/** Everything happens within this time, ms; then the world is calm. */
export const busyMs = 300_000;

const baseline: Behaviour = { badShare: 0.002 };

/** Draws a scenario. `random`: 0 to 1. */
export function drawScenario(random: () => number): Scenario {
  const upTo = (n: number) => Math.floor(random() * n);
  const times = (most: number) => Array.from({ length: upTo(most + 1) });
  const at = () => 20_000 + upTo(busyMs - 20_000);
  const versions = ["v1", "v2", "v3"].slice(0, 1 + upTo(3));
  const pushes = versions.map((hash, index): IncidentAt => {
    const span = (busyMs - 60_000) / versions.length;
    return { kind: "Push", hash, atMs: 30_000 + Math.floor((index + random() * 0.9) * span) };
  });
  const isCalm = random() < 0.2;
  const troubles = isCalm ? [] : times(5).map(() => ({ ...drawTrouble(random), atMs: at() }));
  return {
    behaviours: Object.fromEntries([
      ["v0", baseline],
      ...versions.map((hash) => [hash, drawBehaviour(random)] as const),
    ]),
    incidents: [...pushes, ...troubles].toSorted((a, b) => a.atMs - b.atMs),
    isMirrored: random() < 0.3,
    isApproved: random() < 0.2,
    deaths: isCalm ? [] : times(3).map(() => 1 + upTo(60)),
  };
}

function drawBehaviour(random: () => number): Behaviour {
  const draw = random();
  if (draw < 0.5) return baseline;
  if (draw < 0.65) return { badShare: 0.5 };
  if (draw < 0.83) return { crashes: true };
  if (draw < 0.91) return { hangs: true };
  return { ...baseline, hangsAsPrimary: true };
}

function drawTrouble(random: () => number): Incident {
  const forMs = Math.floor(3_000 + random() * 50_000);
  const draw = random();
  if (draw < 0.06) return { kind: "PushPromoted" };
  if (draw < 0.1) return { kind: "EraseStatus" };
  if (draw < 0.13) return { kind: "Suspend", forMs };
  if (draw < 0.16) return { kind: "GitOps", forMs };
  if (draw < 0.18) return { kind: "Delete" };
  if (draw < 0.25)
    return { kind: "HandWeight", weight: [0, 5, 30, 100][Math.floor(random() * 4)] ?? 0 };
  if (draw < 0.3) return { kind: "Abort" };
  if (draw < 0.4) {
    const actions = CommandAction.options;
    return { kind: "Command", action: actions[Math.floor(random() * actions.length)] ?? "pause" };
  }
  if (draw < 0.5) return { kind: "Kill", awayMs: Math.floor(random() * 16_000) };
  if (draw < 0.6) return { kind: "ApiDown", forMs };
  if (draw < 0.7) return { kind: "RoughWatch", forMs };
  if (draw < 0.8) return { kind: "FailingWrites", forMs };
  const states = ["Down", "Empty", "Slow"] as const;
  return { kind: "Provider", state: states[Math.floor(random() * 3)] ?? "Down", forMs };
}
