/** How many pods a version needs before it may get a share of the traffic. */

/**
 * Pods the canary must have available before it gets `weight` percent: the same share of the primary's pods,
 * rounded up; two where the primary has two or more, so that one bad node is not taken for bad code.
 */
export function neededReplicas(primaryReplicas: number, weight: number): number {
  const floor = primaryReplicas >= 2 ? 2 : 1;
  return Math.max(floor, Math.ceil((primaryReplicas * weight) / 100));
}
