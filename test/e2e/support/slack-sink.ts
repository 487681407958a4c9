/** Stands where Slack is: an incoming webhook on loopback that keeps what it is told, and may be out of order. */
import { createServer } from "node:http";
import { z } from "zod";

const Message = z.looseObject({ text: z.string().optional() });

export interface SlackSink {
  /** The address of a webhook; messages are told apart by its path. */
  address(path: string): string;
  /** Texts (the whole payload as JSON) that were taken on this path, in order. */
  messages(path: string): readonly string[];
  /** 503 instead of taking anything, until set back. */
  isDown: boolean;
  /** Attempts that came while it was down. */
  refused(): number;
  close(): Promise<void>;
}

export async function startSlackSink(): Promise<SlackSink> {
  const taken = new Map<string, string[]>();
  let refused = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.once("end", () => {
      if (sink.isDown) {
        refused += 1;
        response.writeHead(503).end("no_service");
        return;
      }
      Message.parse(JSON.parse(body));
      const path = request.url ?? "/";
      taken.set(path, [...(taken.get(path) ?? []), body]);
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const sink: SlackSink = {
    isDown: false,
    address: (path) => `http://127.0.0.1:${port}${path}`,
    messages: (path) => taken.get(path) ?? [],
    refused: () => refused,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return sink;
}
