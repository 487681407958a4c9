import { describe, expect, it } from "vitest";
import {
  type ApiError,
  apiErrorOf,
  isAlreadyExists,
  isConflict,
  isGone,
  isInvalid,
  isNotFound,
  isPatchTestFailed,
  isWebhookUnavailable,
  toOurError,
} from "../../../src/adapters/kubernetes/api-error.ts";
import { InvariantError, RetryableError, StallError } from "../../../src/ports/errors.ts";

const answer = (code: number, status: Record<string, unknown> = {}): ApiError =>
  apiErrorOf({ request: "PATCH services shop/a", code, body: { kind: "Status", ...status } });

const fieldCause = { causes: [{ reason: "FieldValueInvalid", field: "spec.x", message: "no" }] };
const patchCause = {
  causes: [{ reason: "UnexpectedServerResponse", message: "test failed", field: "patch" }],
};
const istiodDown = 'Internal error occurred: failed calling webhook "validation.istio.io": refused';
const denied = 'admission webhook "validation.istio.io" denied the request: weights';

describe("an answer", () => {
  it.each([
    ["isNotFound", isNotFound, answer(404)],
    ["isConflict", isConflict, answer(409, { reason: "Conflict" })],
    ["isAlreadyExists", isAlreadyExists, answer(409, { reason: "AlreadyExists" })],
    ["isGone", isGone, answer(410)],
    ["isInvalid", isInvalid, answer(422, { details: fieldCause })],
    ["isPatchTestFailed", isPatchTestFailed, answer(422, { details: patchCause })],
    ["isWebhookUnavailable", isWebhookUnavailable, answer(500, { message: istiodDown })],
  ])("is known by %s, and nothing else is", (_, isKind, error) => {
    expect(isKind(error)).toBe(true);
    expect(isKind(answer(418))).toBe(false);
    expect(isKind(new Error("404"))).toBe(false);
    expect(isKind(undefined)).toBe(false);
  });

  it("tells an object that exists from one that changed, and a failed test from a bad field", () => {
    expect(isConflict(answer(409, { reason: "AlreadyExists" }))).toBe(false);
    expect(isAlreadyExists(answer(409, { reason: "Conflict" }))).toBe(false);
    expect(isPatchTestFailed(answer(422, { details: fieldCause }))).toBe(false);
    expect(isPatchTestFailed(answer(422))).toBe(true);
  });

  it("is bounded in what it may add to messages", () => {
    expect(answer(500, { message: "x".repeat(100_000) }).message.length).toBeLessThan(1_100);
  });
});

describe("an error nobody handled", () => {
  it.each([
    [answer(404, { reason: "NotFound" }), RetryableError, "NotFound"],
    [answer(409, { reason: "Conflict" }), RetryableError, "Conflict"],
    [answer(422, { details: patchCause }), RetryableError, "PatchTestFailed"],
    [answer(422, { details: fieldCause }), StallError, "Invalid"],
    [answer(500, { message: istiodDown }), RetryableError, "WebhookUnavailable"],
    [answer(400, { message: denied }), StallError, "AdmissionDenied"],
    [answer(403, { message: denied }), StallError, "AdmissionDenied"],
    [answer(403), StallError, "Forbidden"],
    [answer(504), RetryableError, "ServerError"],
  ] as const)("%o is a %o %s", (error, kind, reason) => {
    const ours = toOurError(error);
    expect(ours).toBeInstanceOf(kind);
    expect(ours).toMatchObject({ reason, cause: error });
  });

  it("stays what it is when it is ours, and is a bug when it is unknown", () => {
    const ours = [new RetryableError("A", "a"), new StallError("B", "b"), new InvariantError("c")];
    expect(ours.map(toOurError)).toEqual(ours);
    expect(toOurError(new TypeError("x is undefined"))).toMatchObject({
      name: "InvariantError",
      message: "x is undefined",
    });
    expect(toOurError("text")).toBeInstanceOf(InvariantError);
  });
});
