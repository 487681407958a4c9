/** Every bound of the Kubernetes wire layer, in one place; nothing else in it may name a number of its own. */

/** Steady requests per second and the burst above them; writes that lower a canary's weight take no token. */
export const REQUESTS_PER_SECOND = 50;
export const REQUEST_BURST = 100;
/** Where others wait too, every one of so many requests is one that nothing waits for: it comes late, but it comes. */
export const BACKGROUND_SHARE = 8;
/** Requests that may wait for a token in one lane; one more is refused, to be tried again by its caller. */
export const MAX_WAITING_REQUESTS = 4096;

/** With a renew deadline of 10 s and a lease of 15 s, a write begun under the lease ends before another holder acts. */
export const WRITE_TIMEOUT_MS = 5_000;
export const READ_TIMEOUT_MS = 30_000;
/** Of a read that a pass waits for: one object, or a short list. A rollback may be waiting behind it, or for it. */
export const PASS_READ_TIMEOUT_MS = 5_000;
/**
 * Longest silence of a watch before it is begun again, since a half-open connection says nothing. A live server sends a bookmark
 * a minute, but not of kinds that nobody changes.
 */
export const WATCH_SILENCE_MS = 90_000;

/** A read that is told to come back within this time waits for it once, inside the request. */
export const MAX_READ_RETRY_AFTER_MS = 5_000;
/** Such a wait is lengthened by up to this part, so that those who were told the same do not come at once. */
export const READ_RETRY_JITTER = 0.2;
/** A Retry-After longer than this is taken for this. */
export const MAX_RETRY_AFTER_MS = 60_000;

/** etcd refuses objects far below this; a page of 500 of the largest usual ones fits. */
export const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
export const MAX_ERROR_BYTES = 64 * 1024;
export const MAX_WATCH_LINE_BYTES = 8 * 1024 * 1024;
/** What a server may add to our messages. */
export const MAX_STATUS_MESSAGE_CHARS = 1_024;

export const LIST_PAGE_SIZE = 500;
/** Pages of one list; together with the page size 1,000,000 objects. */
export const MAX_LIST_PAGES = 2_000;
/** A watch asks to live this long, times 0.8 to 1.2, so that watches do not all end at once. */
export const WATCH_TIMEOUT_SECONDS = 300;
export const WATCH_TIMEOUT_JITTER = 0.2;
/** A watch that ended sooner than this is answered with back-off, a longer one resumed at once. */
export const HEALTHY_WATCH_MS = 1_000;
/** Watches in a row refused by a server that answers, after which the cache is listed afresh. */
export const MAX_REFUSED_WATCHES = 3;
export const WATCH_BACKOFF_BASE_MS = 250;
export const WATCH_BACKOFF_CAP_MS = 30_000;
/** Deleted objects remembered, so that a late or repeated event does not bring one back. */
export const MAX_TOMBSTONES = 1_024;

/** How old a token read from a file, or credentials asked of a plugin, may get. The kubelet renews long before. */
export const TOKEN_MAX_AGE_MS = 60_000;
export const CREDENTIALS_MAX_AGE_MS = 10_000;
/** Between two looks at credentials that the server refuses, or that could not be read. */
export const MIN_RENEWAL_MS = 1_000;
/**
 * When a server's machine dies, each idle connection to it costs one write its timeout: soon there are none. A new one
 * takes a few milliseconds.
 */
export const IDLE_CONNECTION_MS = 5_000;

export const LEASE_DURATION_SECONDS = 15;
/** A holder that has not renewed for this long stops writing; see WRITE_TIMEOUT_MS. */
export const LEASE_RENEW_DEADLINE_MS = 10_000;
export const LEASE_RENEW_MS = 2_000;
/** Standbys look this often, so that they act at most 16 s after a crash and 1 s after a clean stop. */
export const LEASE_STANDBY_MS = 1_000;
/** Waits are shortened by up to this part, so that processes do not act in step. */
export const LEASE_JITTER = 0.2;
/** A lease says how long others must wait for its holder; nobody is waited for longer than this. */
export const MAX_LEASE_DURATION_MS = 300_000;
/** Attempts to give the lease back on shutdown, and how long one request of them may take. */
export const MAX_RELEASE_ATTEMPTS = 2;
export const LEASE_RELEASE_TIMEOUT_MS = 2_000;

/** Repeats of one reason and message within this window count up one Event. */
export const EVENT_WINDOW_MS = 600_000;
/** Events one object may cause at once, and how often one more is allowed. */
export const EVENT_BURST = 50;
export const EVENT_REFILL_MS = 10_000;
/** Objects whose Event rate is remembered. */
export const MAX_EVENT_OBJECTS = 2_048;
export const MAX_EVENT_MESSAGE_CHARS = 1_024;
export const MAX_EVENT_REASON_CHARS = 128;
export const MAX_EVENT_NAME_CHARS = 253;

/** How long a Secret that was read, or found missing, is remembered; one that could not be read is asked for again. */
export const SECRET_MAX_AGE_MS = 60_000;
export const MISSING_SECRET_MAX_AGE_MS = 10_000;
export const MAX_REMEMBERED_SECRETS = 256;
/** A missing password must not hold up a read of metrics for long. */
export const SECRET_READ_TIMEOUT_MS = 5_000;
/** Namespaces of which it is remembered whether they are being deleted; the one read longest ago is forgotten. */
export const MAX_NAMESPACES_KEPT = 200;
