/** Turns the bytes of an answer into JSON, within bounds. Knows nothing of Kubernetes. */
import { RetryableError } from "../../ports/errors.ts";

/** What the transport needs of a body stream; undici's and the built-in one both have it. */
export interface HttpBody {
  getReader(): HttpReader;
}

export interface HttpReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

/** Reads one chunk, or ends by throwing when the exchange it belongs to is over. */
export type ReadChunk = (reader: HttpReader) => ReturnType<HttpReader["read"]>;

/** The chunks of a body; its connection is let go whichever way the reading ends. */
export async function* readChunks(body: HttpBody, read: ReadChunk): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await read(reader);
      if (done) break;
      if (value !== undefined) yield value;
    }
    isWhole = true;
  } finally {
    // Not awaited: a body that hangs may hang here too.
    if (!isWhole) reader.cancel().catch(() => undefined);
  }
}

/** The whole body as text; throws RetryableError `ResponseTooLarge` beyond `maxBytes`. */
export async function readText(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    parts.push(chunk);
  }
  return Buffer.concat(parts, bytes).toString("utf8");
}

const tooLarge = (maxBytes: number): RetryableError =>
  new RetryableError("ResponseTooLarge", `the answer is larger than ${maxBytes} bytes`);

const NEWLINE = 0x0a;

/**
 * One parsed value per line. Throws RetryableError `StreamCut` when the stream ends inside a line, `BadResponse`
 * for a line that is no JSON, `ResponseTooLarge` for one beyond `maxLineBytes`.
 */
export async function* readJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...parts, chunk.subarray(from, end)]).toString("utf8");
      parts = [];
      bytes = 0;
      from = end + 1;
      if (line.trim() !== "") yield parseJson(line);
    }
    if (from < chunk.byteLength) parts.push(chunk.subarray(from));
    bytes += chunk.byteLength - from;
    if (bytes > maxLineBytes) throw tooLarge(maxLineBytes);
  }
  const rest = Buffer.concat(parts).toString("utf8");
  if (rest.trim() !== "") yield parseLast(rest);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may be a Secret's.
    throw new RetryableError("BadResponse", "the answer is not JSON");
  }
}

/** The start of an object is never valid JSON, so a last line that parses was whole. */
function parseLast(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RetryableError("StreamCut", "the stream ended inside a line");
  }
}
