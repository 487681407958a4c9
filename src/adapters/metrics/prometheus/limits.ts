/** Every bound of the exchange with a Prometheus server. */

/** Largest answer that is read, in bytes after decompression; 60,000 series of usual size fit. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
/** Series in one answer; a template that selects more is a mistake, or a series explosion. */
export const MAX_ANSWER_SERIES = 50_000;
/** Of an error's body no more is read than can say what is wrong. */
export const MAX_ERROR_BYTES = 64 * 1024;
/** What a message quotes of the query and of the server's words. */
export const MAX_QUOTED_QUERY_CHARS = 256;
export const MAX_QUOTED_ANSWER_CHARS = 240;
/** Warnings kept of one answer. */
export const MAX_WARNINGS = 16;
/** Certificate authorities with connections of their own; the least recently used ones are closed. */
export const MAX_TRUSTED_AUTHORITIES = 16;
/** A server's clock that differs from ours by more is followed; below it, a Date tells nothing that matters. */
export const MAX_CLOCK_DIFFERENCE_MS = 5_000;
/** One that differs by more is no clock, and is not followed. */
export const MAX_CLOCK_DIFFERENCE_BELIEVED_MS = 10 * 365 * 86_400_000;
/** Servers whose clocks are remembered. */
export const MAX_SERVER_CLOCKS = 256;
