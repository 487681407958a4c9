/** Every bound of reading metrics for many releases at once. The bounds of one exchange are in limits.ts. */

/** Workloads named in one query; 200 releases with two versions each need two queries per selector. */
export const MAX_WORKLOADS_PER_QUERY = 200;
/** Characters of the names of workloads and namespaces in one query. */
export const MAX_NAME_CHARS_PER_QUERY = 20_000;
/** Queries of one group under way at the same time. */
export const MAX_QUERIES_AT_ONCE = 4;
/** Prepared templates kept; the least recently used ones are prepared again. */
export const MAX_PREPARED_TEMPLATES = 256;
/** Groups whose chunks were made smaller because an answer was too large. */
export const MAX_REMEMBERED_GROUPS = 256;

/** Releases times instants whose past is read by one query: each series comes with a sample for every instant. */
export const MAX_PAST_READINGS_PER_QUERY = 512;
/** Instants of the past that are read at once. */
export const MAX_PAST_INSTANTS = 128;

/** Finite bounds of a histogram read around a limit, half of them on each side where there are as many. */
export const MAX_BOUNDS_READ = 8;
/** Bounds of one workload's histogram that are looked at; more is a series explosion. */
export const MAX_BOUNDS_KNOWN = 512;
/** Releases whose bounds are remembered, and how long, ms of evaluation time. */
export const MAX_REMEMBERED_BOUNDS = 4_096;
export const BOUNDS_MAX_AGE_MS = 30 * 60_000;

/** Levels of a query within one another; what walks a query may recurse. */
export const MAX_QUERY_DEPTH = 200;
/** Longest query shown to people. */
export const MAX_SHOWN_QUERY_CHARS = 2_048;
/** Shortest range that a query for people rates over, and scrapes that it spans at least. */
export const MIN_SHOWN_RANGE_SECONDS = 60;
export const SHOWN_RANGE_SCRAPES = 4;
