/** Bounds of what the core keeps and how often it writes. */

/** Releases kept in status.history. */
export const maxHistory = 10;
/** Messages kept in status.outbox; beyond it the least severe and oldest is dropped and counted. */
export const maxOutbox = 20;
/** Longest message in status, events and alerts, in characters. */
export const maxMessageLength = 1024;
/** Shortest time between two writes of status that only refresh numbers: at most two a minute. */
export const refreshEveryMs = 30_000;
/** How long a canary pod may be unready, while the primary's suffer less, before it counts against the canary. */
export const unreadyToleratedMs = 20_000;
/** How old what is known of a namespace may be while a Canary in it is being deleted. */
export const namespaceStaleMs = 10_000;
/** How long the end of a Canary waits until people were told what is left of it. */
export const farewellToldMs = 60_000;
/** How long the metrics may say nothing before a target to which everything is routed counts as serving. */
export const farewellUnheardMs = 60_000;
/** How late the end of the wait for proxies may be acted on before they are given that time once more. */
export const clearingOverdueMs = 2_000;
/** Repairs of the weights within this time after which Serin stops: the sixth is one too many. */
export const contestedWithinMs = 600_000;
/** Repairs that are kept. */
export const maxRepairs = 6;
/** Shortest time between two repairs that are written down while the weights are contested. */
export const contestedRefreshMs = 60_000;
/** Corrections of an idle target's replicas, and the shortest time between two that count. */
export const maxCorrections = 3;
/** Milliseconds. */
export const correctionMs = 10_000;
/** Longest fact of a message and longest name of an image, in characters. */
export const maxFactLength = 512;
/** Container images kept of a release. */
export const maxImages = 32;
/** Ids of answered commands that are kept, so that one that comes back by a restored manifest is not obeyed again. */
export const maxCommandIds = 20;
/** How long an abort that comes back in the same words is left alone before it is answered and removed again. */
export const abortAgainMs = 60_000;
/** Within this time of a confirmed retreat a stable version that recovers is taken to have suffered from the canary. */
export const harmWindowMs = 60_000;
/** Checks in a row in which stable must hold its limit to be called recovered. */
export const recoveredChecks = 2;
/** Retreats of one release after which it no longer starts again by itself. */
export const maxRetreats = 3;
