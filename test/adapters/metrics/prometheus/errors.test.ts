import { describe, expect, it } from "vitest";
import { describeFailure } from "../../../../src/adapters/metrics/prometheus/errors.ts";
import {
  MAX_QUOTED_ANSWER_CHARS,
  MAX_QUOTED_QUERY_CHARS,
} from "../../../../src/adapters/metrics/prometheus/limits.ts";

const context = { address: "http://prometheus:9090", query: "up", secrets: [] };

describe("describeFailure", () => {
  it("names the address, what happened, the server's words and the query", () => {
    const failure = {
      reason: "ServerError",
      detail: "HTTP 502",
      said: "<h1>Bad\n Gateway</h1>",
    } as const;
    expect(describeFailure(failure, context)).toStrictEqual({
      reason: "ServerError",
      message: "http://prometheus:9090: HTTP 502: Bad Gateway; query: up",
    });
  });

  it("takes secrets out of the server's words before it shortens them", () => {
    const secret = "s3cr3t-t0ken";
    const said = `${"x".repeat(MAX_QUOTED_ANSWER_CHARS - 4)}${secret}`;
    const failure = { reason: "ServerError", detail: "HTTP 500", said } as const;
    const { message } = describeFailure(failure, { ...context, secrets: [secret] });
    expect(message).not.toContain("s3c");
    expect(message).toContain("x[re");
  });

  it("shortens a long query and long words, and no others", () => {
    const failure = (said: string) => ({ reason: "ServerError", detail: "d", said }) as const;
    const fitting = describeFailure(failure("w".repeat(MAX_QUOTED_ANSWER_CHARS)), {
      ...context,
      query: "q".repeat(MAX_QUOTED_QUERY_CHARS),
    });
    expect(fitting.message).not.toContain("…");
    const long = describeFailure(failure("w".repeat(MAX_QUOTED_ANSWER_CHARS + 1)), {
      ...context,
      query: "q".repeat(MAX_QUOTED_QUERY_CHARS + 1),
    });
    expect(long.message.match(/…/g)).toHaveLength(2);
    expect(long.message).toHaveLength(fitting.message.length);
  });
});
