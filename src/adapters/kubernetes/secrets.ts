/**
 * Reads Secrets one by one, by name, when they are needed, so that no right to list or watch them is asked for. What was
 * read stays in memory for a short time and goes nowhere else.
 */
import { z } from "zod";
import { type Fact, known, missing, unknown } from "../../core/fact.ts";
import type { Clock } from "../../ports/clock.ts";
import { StallError } from "../../ports/errors.ts";
import type { Secrets } from "../../ports/secrets.ts";
import { isNotFound } from "./api-error.ts";
import {
  MAX_REMEMBERED_SECRETS,
  MISSING_SECRET_MAX_AGE_MS,
  SECRET_MAX_AGE_MS,
  SECRET_READ_TIMEOUT_MS,
} from "./limits.ts";
import { resourcePath } from "./paths.ts";
import { keyOf } from "./raw-object.ts";
import type { Transport } from "./transport.ts";

type Data = Readonly<Record<string, string>>;

interface Entry {
  /** Settled or under way: those who ask at the same time share one request. */
  readonly answer: Promise<Fact<Data>>;
  /** Monotonic time until which it may be used, ms; undefined while under way. */
  usableUntil: number | undefined;
}

const secretsResource = { group: "", version: "v1", plural: "secrets", namespaced: true };

const Secret = z.object({ data: z.record(z.string(), z.string()).default({}) });

export interface SecretsDeps {
  readonly transport: Pick<Transport, "request">;
  readonly clock: Clock;
}

export function createSecrets({ transport, clock }: SecretsDeps): Secrets {
  const entries = new Map<string, Entry>();

  async function date(entry: Entry): Promise<void> {
    const fact = await entry.answer;
    entry.usableUntil = clock.monotonic() + maxAgeOf(fact);
  }

  function remember(key: string, namespace: string, name: string): Entry {
    const answer = readSecret(transport, namespace, name);
    const entry: Entry = { answer, usableUntil: undefined };
    entries.set(key, entry);
    void date(entry);
    if (entries.size > MAX_REMEMBERED_SECRETS) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    return entry;
  }

  return {
    read(namespace, name) {
      const key = keyOf(namespace, name);
      const found = entries.get(key);
      const isUsable =
        found !== undefined &&
        (found.usableUntil === undefined || clock.monotonic() < found.usableUntil);
      if (isUsable) return found.answer;
      entries.delete(key);
      return remember(key, namespace, name).answer;
    },
  };
}

function maxAgeOf({ kind }: Fact<Data>): number {
  switch (kind) {
    case "Known":
      return SECRET_MAX_AGE_MS;
    case "Missing":
      return MISSING_SECRET_MAX_AGE_MS;
    case "Unknown":
      return 0;
  }
}

async function readSecret(
  transport: SecretsDeps["transport"],
  namespace: string,
  name: string,
): Promise<Fact<Data>> {
  const called = `Secret ${keyOf(namespace, name)}`;
  try {
    const path = resourcePath(secretsResource, { namespace, name });
    const timeoutMs = SECRET_READ_TIMEOUT_MS;
    const secret = Secret.safeParse(await transport.request({ method: "GET", path, timeoutMs }));
    // The parser's own message could quote the value.
    return secret.success
      ? known(decodeData(secret.data.data))
      : unknown(`${called} could not be read: the answer is no Secret`);
  } catch (error) {
    return explain(error, called);
  }
}

function explain(error: unknown, called: string): Fact<Data> {
  if (isNotFound(error)) return missing("SecretNotFound", `${called} does not exist; create it`);
  const because = error instanceof Error ? error.message : "unknown error";
  if (!(error instanceof StallError)) return unknown(`${called} could not be read: ${because}`);
  const fix = "allow Serin's ServiceAccount to get it";
  const isRight = error.reason === "Forbidden";
  return missing(
    isRight ? "SecretForbidden" : error.reason,
    `${called} may not be read: ${because}${isRight ? `; ${fix}` : ""}`,
  );
}

function decodeData(data: Data): Data {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      Buffer.from(value, "base64").toString("utf8"),
    ]),
  );
}
