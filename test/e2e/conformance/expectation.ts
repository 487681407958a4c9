/** What an answer is held to: the code always; what the real server was recorded to say, but for what the table excepts. */
import type { Answer, Call } from "./case.ts";
import type { Exchange } from "./run-case.ts";
import type { Server } from "./server.ts";

export interface Comparison {
  readonly call: string;
  readonly code: number;
  readonly answer: Answer | undefined;
}

/** What was answered. */
export function observed(server: Server["name"], exchanges: readonly Exchange[]) {
  return exchanges.map(({ call, answer }) =>
    comparison(server, call, { answer, code: answer.code }),
  );
}

/** What should have been. */
export function expected(
  server: Server["name"],
  exchanges: readonly Exchange[],
  recorded: readonly Answer[],
) {
  return exchanges.map(({ call }, index) => {
    const own = server === "embedded" ? call.embedded?.code : undefined;
    return comparison(server, call, { answer: recorded[index], code: own ?? call.code });
  });
}

function comparison(
  server: Server["name"],
  call: Call,
  { answer, code }: { readonly answer: Answer | undefined; readonly code: number },
): Comparison {
  const { method, path, body } = call;
  const named = { call: `${method} ${path} ${JSON.stringify(body) ?? ""}`, code };
  if (server === "real") return { ...named, answer };
  if (call.embedded !== undefined || answer === undefined) return { ...named, answer: undefined };
  if (call.wording === undefined) return { ...named, answer };
  return { ...named, answer: { ...answer, body: withoutMessages(answer.body) } };
}

function withoutMessages(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMessages);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([key]) => key !== "message");
  return Object.fromEntries(members.map(([key, member]) => [key, withoutMessages(member)]));
}
