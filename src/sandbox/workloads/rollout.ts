/**
 * How many pods each ReplicaSet of a Deployment should have next: the arithmetic of Kubernetes' deployment
 * controller for rolling updates, Recreate and scaling. Numbers in, numbers out.
 */

export interface SetFacts {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** `spec.replicas` */
  readonly desired: number;
  /** `status.replicas`: pods that exist. */
  readonly actual: number;
  readonly available: number;
  /** What the Deployment wanted in all, surge included, when it last sized this set. */
  readonly sizedFor: number | undefined;
}

export interface RolloutFacts {
  readonly replicas: number;
  readonly bounds: RolloutBounds;
  /** The set of the current template; undefined until it is created. */
  readonly current: SetFacts | undefined;
  readonly old: readonly SetFacts[];
}

/** Whole pods. */
export interface RolloutBounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** A number of pods, or a share of the replicas such as "25%". */
export type IntOrPercent = number | string;

export interface Resize {
  readonly name: string;
  readonly replicas: number;
}

/** Surge is rounded up, unavailability down; both zero would never move, so one pod may then be missing. */
export function resolveBounds(
  strategy: { readonly maxSurge: IntOrPercent; readonly maxUnavailable: IntOrPercent },
  replicas: number,
): RolloutBounds {
  const maxSurge = resolve(strategy.maxSurge, replicas, Math.ceil);
  const missing = resolve(strategy.maxUnavailable, replicas, Math.floor);
  const maxUnavailable = maxSurge === 0 && missing === 0 ? 1 : missing;
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

/** The next step of a rolling update: first the new set grows, then old ones give way; empty = nothing to do now. */
export function planRollingUpdate(facts: RolloutFacts): readonly Resize[] {
  const { current } = facts;
  if (current === undefined) return [];
  const grown = sizeOfNewSet(facts);
  if (grown !== current.desired) return [{ name: current.name, replicas: grown }];
  return shrinkOldSets(facts, current);
}

/** How many pods the set of the current template may have now (also: with how many it is created). */
export function sizeOfNewSet(facts: RolloutFacts): number {
  const { replicas, bounds, current, old } = facts;
  const has = current?.desired ?? 0;
  if (has > replicas) return replicas;
  const total = sumOf([...old, ...(current === undefined ? [] : [current])], (s) => s.desired);
  const room = replicas + bounds.maxSurge - total;
  return room <= 0 ? has : has + Math.min(room, replicas - has);
}

/** Recreate: all old pods go, and only when none is left the new ones come. */
export function planRecreate(facts: RolloutFacts): readonly Resize[] {
  const active = facts.old.filter((set) => set.desired > 0);
  if (active.length > 0) return active.map(({ name }) => ({ name, replicas: 0 }));
  const { current, replicas } = facts;
  if (current === undefined || current.desired === replicas || hasOldPods(facts)) return [];
  return [{ name: current.name, replicas }];
}

export function hasOldPods(facts: RolloutFacts): boolean {
  return facts.old.some((set) => set.actual > 0);
}

/** The Deployment was scaled: a lone set follows at once; in the middle of a rollout all follow in proportion. */
export function planScaling(facts: RolloutFacts): readonly Resize[] {
  const { current, old, replicas } = facts;
  const sets = current === undefined ? old : [...old, current];
  const active = sets.filter((set) => set.desired > 0);
  const lone = active.length > 1 ? undefined : (active[0] ?? current ?? newestOf(old));
  if (lone !== undefined) {
    return lone.desired === replicas ? [] : [{ name: lone.name, replicas }];
  }
  return scaleInProportion(active, facts);
}

function shrinkOldSets(facts: RolloutFacts, current: SetFacts): readonly Resize[] {
  const { replicas, bounds } = facts;
  const old = [...facts.old].sort((one, other) => one.createdAt - other.createdAt);
  const total = sumOf(old, (set) => set.desired) + current.desired;
  const minAvailable = replicas - bounds.maxUnavailable;
  const missingNew = current.desired - current.available;
  const maxShrink = total - minAvailable - missingNew;
  if (maxShrink <= 0) return [];
  const sizes = new Map(old.map((set) => [set.name, set.desired]));
  dropUnavailable(old, sizes, maxShrink);
  const available = sumOf(old, (set) => set.available) + current.available;
  dropAvailable(old, sizes, available - minAvailable);
  return old.flatMap(({ name, desired }) => {
    const size = sizes.get(name) ?? desired;
    return size === desired ? [] : [{ name, replicas: size }];
  });
}

/** Old pods that do not serve go first: they cost nothing. */
function dropUnavailable(old: readonly SetFacts[], sizes: Map<string, number>, most: number): void {
  let left = most;
  for (const { name, desired, available } of old) {
    const dropped = Math.min(left, Math.max(0, desired - available));
    sizes.set(name, desired - dropped);
    left -= dropped;
  }
}

function dropAvailable(old: readonly SetFacts[], sizes: Map<string, number>, most: number): void {
  let left = most;
  for (const { name, available } of old) {
    if (left <= 0) return;
    const size = sizes.get(name) ?? 0;
    const dropped = Math.min(left, size, available);
    sizes.set(name, size - dropped);
    left -= dropped;
  }
}

/** Shares what is to be added (or removed) by the sets' sizes; what rounding leaves over goes to the largest. */
function scaleInProportion(active: readonly SetFacts[], facts: RolloutFacts): readonly Resize[] {
  const { replicas, bounds } = facts;
  const allowed = replicas > 0 ? replicas + bounds.maxSurge : 0;
  const toAdd = allowed - sumOf(active, (set) => set.desired);
  const sets = [...active].sort((one, other) => other.desired - one.desired);
  let left = toAdd;
  const resizes = sets.map((set) => {
    const share = Math.round((set.desired * allowed) / (set.sizedFor ?? allowed)) - set.desired;
    const added = toAdd > 0 ? clamp(share, 0, left) : clamp(share, left, 0);
    left -= added;
    return { name: set.name, replicas: set.desired + added };
  });
  return resizes.map((resize, place) =>
    place === 0 ? { ...resize, replicas: Math.max(0, resize.replicas + left) } : resize,
  );
}

function newestOf(sets: readonly SetFacts[]): SetFacts | undefined {
  return [...sets].sort((one, other) => other.createdAt - one.createdAt)[0];
}

function resolve(value: IntOrPercent, replicas: number, round: (pods: number) => number): number {
  if (typeof value === "number") return value;
  const percent = Number(value.replace(/%$/, ""));
  return Number.isFinite(percent) ? round((percent * replicas) / 100) : 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function sumOf(sets: readonly SetFacts[], of: (set: SetFacts) => number): number {
  return sets.reduce((sum, set) => sum + of(set), 0);
}
