/** Bounds of the controller: queues, retries, timeouts. All times in milliseconds. */

/** Keys worked on at the same time; rollbacks do not count. */
export const maxWorkers = 16;
/** Longest time for which one who has many things to do keeps the event loop to itself, but for the last of them. */
export const turnMs = 5;
/** First and longest wait before a key whose pass failed is tried again. */
export const retryFirstMs = 200;
export const retryMaxMs = 30_000;
/** Longest wait that the other side may ask for (Retry-After) and get. */
export const maxAskedWaitMs = 60_000;
/** First and longest wait for writes that take traffic off a version. */
export const urgentFirstMs = 50;
export const urgentMaxMs = 1_000;
/** Shortest time before a stall for the same reason is told in other words. */
export const restateStallMs = 600_000;
/** Shortest wait before what changed nothing is repeated. */
export const repeatedActionMs = 1_000;
/** First and longest wait before a message that could not be told is tried again. */
export const tellFirstMs = 1_000;
export const tellMaxMs = 300_000;
/** Messages on their way at the same time, over all Canaries. */
export const maxTelling = 8;
/** Groups of queries to one provider under way at the same time. */
export const maxProbes = 16;
/** The same of queries for the past that nobody waits for. */
export const maxPastProbes = 1;
/** Longest time that a read of one group may take over all its queries. */
export const probeTimeoutMs = 30_000;
/** Failed passes in a row from which on people are told why: a single conflict is no news. */
export const failuresToTell = 3;
/** An instant in a status that is further ahead of our clock was written by another clock. */
export const clockToleranceMs = 1_000;
