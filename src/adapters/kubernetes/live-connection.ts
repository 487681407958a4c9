/**
 * The connections to one API server with the credentials and the authority of now: read again when they are old, and at
 * once when the server refuses them or cannot be trusted by them. Knows not where they are read.
 */
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { type Connection, connectTo, type TlsFacts } from "./kube-config-agents.ts";
import { MIN_RENEWAL_MS } from "./limits.ts";
import type { Wire } from "./transport-exchange.ts";

export type Headers = Readonly<Record<string, string>>;

export interface Credentials {
  readonly headers: Headers;
  readonly tls: TlsFacts;
}

export interface CredentialsSource {
  /** Rejects while they cannot be read. `afresh`: nothing that is remembered from before counts. */
  readonly read: (afresh: boolean) => Promise<Credentials>;
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly proxyUrl: string | undefined;
}

export type LiveWire = Required<Pick<Wire, "fetch" | "headers" | "renew">>;

export class LiveConnection {
  readonly #source: CredentialsSource;
  readonly #retired = new Set<Connection>();
  #connection: Connection;
  #tls: TlsFacts;
  /** The same object for as long as nothing has changed: who was refused tells by it which ones he had. */
  #headers: Headers | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  /** Throws StallError for a proxy that cannot be used. */
  constructor(source: CredentialsSource, tls: TlsFacts) {
    this.#source = source;
    this.#tls = tls;
    this.#connection = connectTo(tls, source.proxyUrl);
  }

  get wire(): LiveWire {
    return {
      fetch: (url, init) => this.#connection.fetch(url, init),
      headers: () => this.#current(),
      renew: (refused) => this.#renew(refused),
    };
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    await Promise.all([this.#connection, ...this.#retired].map((each) => each.close()));
  }

  async #current(): Promise<Headers> {
    if (this.#ageMs() >= this.#source.maxAgeMs) await this.#read(false);
    // What was read before may be good for longer than its source can be read.
    if (this.#headers === undefined) throw new Error("there are no credentials");
    return this.#headers;
  }

  #ageMs(): number {
    return this.#source.clock.monotonic() - this.#readAt;
  }

  async #renew(refused: Headers): Promise<boolean> {
    if (this.#headers !== refused) return true;
    // Everybody is refused at once: one look tells them all.
    if (this.#reading === undefined && this.#ageMs() < MIN_RENEWAL_MS) return false;
    const isFirst = this.#reading === undefined;
    await this.#read(true).catch(() => undefined);
    const isNew = this.#headers !== refused;
    if (isFirst) this.#source.log.warn({ isNew }, "credentials were refused and read again");
    return isNew;
  }

  #read(afresh: boolean): Promise<void> {
    this.#reading ??= this.#replace(afresh).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #replace(afresh: boolean): Promise<void> {
    const { read, clock, log } = this.#source;
    try {
      const { headers, tls } = await read(afresh);
      this.#readAt = clock.monotonic();
      const isTrusted = isSame(tls, this.#tls);
      if (!isTrusted) this.#reconnect(tls);
      if (isTrusted && this.#headers !== undefined && isSame(headers, this.#headers)) return;
      this.#headers = { ...headers };
    } catch (error) {
      if (this.#headers === undefined) throw error;
      // Good for a while, most likely; tried again before long.
      this.#readAt = clock.monotonic() - this.#source.maxAgeMs + MIN_RENEWAL_MS;
      log.warn({ because: nameOf(error) }, "credentials cannot be read, keeping those of before");
    }
  }

  /** Watches that run go on over the old connections, to their end. */
  #reconnect(tls: TlsFacts): void {
    const former = this.#connection;
    this.#tls = tls;
    this.#connection = connectTo(tls, this.#source.proxyUrl);
    this.#retired.add(former);
    void former.retire().finally(() => this.#retired.delete(former));
    this.#source.log.info({}, "the authority or the client's certificate changed, connecting anew");
  }
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A message may quote what was parsed. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "not an error was thrown";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
