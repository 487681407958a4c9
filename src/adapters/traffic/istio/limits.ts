/** Every bound of the Istio adapter; nothing else in it may name a number of its own. */

/** Reads and whole writes tried in one call after a patch did not fit; the queue tries the call itself again. */
export const MAX_REWRITE_ATTEMPTS = 3;
/** Names of rules, labels or the like that one message may list. */
export const MAX_LISTED_NAMES = 10;
/** Rules that are named to people at once. */
export const MAX_NAMED_ROUTES = 3;
