/** Every bound of the simulated mesh, with its unit and the reason for its value. */

/** Longest stretch one tick may account for, in milliseconds: a process that slept owes no burst of requests. */
export const maxTickElapsedMs = 2_000;

/** Highest load one Service may ask for, requests per second: keeps one tick's work far below its interval. */
export const maxRequestsPerSecond = 100_000;

/** Request classes one Service may declare beside the plain one. */
export const maxRequestClasses = 8;

/** Retries per request that are simulated, whatever a route asks for. */
export const maxRetryAttempts = 10;

/** Ticks a client count remembers for questions about a span of time: about 17 minutes at 250 ms. */
export const maxClientCountTicks = 4_096;

/** Changes of objects that may wait for their propagation delay at once; beyond it the oldest take effect early. */
export const maxPendingChanges = 10_000;

/** Requests up to which a split is drawn one by one; above it, by binomials. Only speed depends on it. */
export const drawOneByOneUpTo = 24;
