/** Named bounds of the sandbox: every queue, history, page and body it keeps has one here. */

/** Largest request body the API server reads, in bytes (a real API server's limit). */
export const MAX_REQUEST_BODY_BYTES = 3 * 1024 * 1024;
/** Watch events the API server remembers for watches that resume; older ones get 410. */
export const MAX_REMEMBERED_EVENTS = 20_000;
/** Events a slow watcher may leave unread before its watch is cut. */
export const MAX_UNREAD_WATCH_EVENTS = 20_000;
/** Paged lists that may be open at once; the oldest is forgotten and its next page gets 410. */
export const MAX_OPEN_PAGED_LISTS = 256;
/** How often a watch that asked for bookmarks gets one, in milliseconds. */
export const WATCH_BOOKMARK_INTERVAL_MS = 60_000;
/** How long before its end a watch that asked for bookmarks gets its last, in milliseconds. */
export const WATCH_LAST_BOOKMARK_MS = 2_000;
/** Operations in one JSON patch (a real API server's limit). */
export const MAX_JSON_PATCH_OPERATIONS = 10_000;
/** Attempts at a generated name before the create is refused with AlreadyExists. */
export const MAX_GENERATED_NAME_ATTEMPTS = 8;
/** Violations listed in one Invalid answer; the rest are counted. */
export const MAX_REPORTED_CAUSES = 64;
/** Nesting of a request body; deeper ones are refused before anything walks them. */
export const MAX_JSON_DEPTH = 256;
/** Schemas of definitions that stay compiled; beyond, the least recently used is compiled again. */
export const MAX_KNOWN_SCHEMAS = 128;
