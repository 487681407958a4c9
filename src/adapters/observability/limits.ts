/** Bounds of what observability writes and serves. */

/** Levels of nesting that a log line shows of a field. */
export const maxLogDepth = 6;
/** Characters that a log line shows of one text; stack traces fit. */
export const maxLogTextLength = 8_192;
/** Entries that a log line shows of one list or object. */
export const maxLogEntries = 64;
/** Connections that the health server serves at once: probes and a few scrapers. */
export const maxHealthConnections = 64;
/** Longest time that a client of the health server may take to send its request. */
export const healthRequestTimeoutMs = 10_000;
/** Characters of log that wait for a slow reader; what comes then is lost. */
export const maxLogBacklogChars = 1_048_576;
/** Canaries that have series of their own; of those beyond, nothing is shown. */
export const maxShownCanaries = 5_000;
/** Metrics of one Canary that have series. */
export const maxShownMetrics = 32;
