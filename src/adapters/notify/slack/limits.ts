/** Bounds that Slack sets to Block Kit messages; beyond them it answers invalid_blocks and nobody is told. */

/** Characters of a header. */
export const maxHeaderLength = 150;
/** Characters of a section's text. */
export const maxTextLength = 3_000;
/** Characters of one field of a section. */
export const maxFieldLength = 2_000;
/** Fields of a section. */
export const maxFields = 10;
/** Characters of the text that notifications and screen readers show. */
export const maxFallbackLength = 3_000;
