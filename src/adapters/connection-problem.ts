/** What the codes of failed connections mean, in words for people. Knows nothing of who was called, and quotes no error. */

const meanings: Readonly<Record<string, string>> = {
  ENOTFOUND: "DNS does not know the name",
  EAI_AGAIN: "DNS does not answer",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
};

/** The server's certificate was not accepted: another authority, or another time, may make it good. */
export function isTrustProblem(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code);
}

/** Undefined for codes that say it themselves (ECONNREFUSED), or that nobody has met yet. */
export function meaningOf(code: string): string | undefined {
  return (
    meanings[code] ?? (isTrustProblem(code) ? "the server's certificate is not trusted" : undefined)
  );
}
