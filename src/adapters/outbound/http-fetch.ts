/** The part of fetch that is used to ask and tell servers whose addresses people give. */

export interface HttpInit {
  readonly method: "POST";
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly redirect: "manual";
  readonly signal: AbortSignal;
}

export interface HttpReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): HttpReader; cancel(): Promise<void> } | null;
}

/** `globalThis.fetch` is one; so is undici's, which must get its own Agent and no other. */
export type HttpFetch = (url: string, init: HttpInit) => Promise<HttpResponse>;

/** A fetch with connections of its own. */
export interface OwnFetch {
  readonly fetch: HttpFetch;
  close(): Promise<void>;
}
