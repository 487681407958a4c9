import { describe, expect, test } from "vitest";
import { decodeProtobuf } from "../../../../src/sandbox/api-server/protobuf/decode-protobuf.ts";

type Bytes = readonly number[];

const textBytes = (text: string): Bytes => [...Buffer.from(text)];
/** A field of bytes: short ones only, so that lengths and tags take one byte. */
const field = (number: number, bytes: Bytes): Bytes => [(number << 3) | 2, bytes.length, ...bytes];
const text = (number: number, value: string): Bytes => field(number, textBytes(value));
const varint = (number: number, value: number): Bytes => [number << 3, value];
const body = (apiVersion: string, kind: string, content: Bytes): Uint8Array =>
  Uint8Array.from([
    ...textBytes("k8s\0"),
    ...field(1, [...text(1, apiVersion), ...text(2, kind)]),
    ...field(2, content),
  ]);

describe("a protobuf body", () => {
  test("becomes the object it encodes", () => {
    const metadata = field(1, [...text(1, "settings"), ...text(3, "shop"), ...text(5, "")]);
    const data = field(2, [...text(1, "k"), ...text(2, "v")]);
    expect(
      decodeProtobuf(body("v1", "ConfigMap", [...metadata, ...data, ...varint(4, 1)])),
    ).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", namespace: "shop" },
      data: { k: "v" },
      immutable: true,
    });
  });

  test("leaves empty values out, but not a zero that counts", () => {
    const spec = field(2, [...varint(1, 0), ...varint(5, 0), ...varint(7, 0)]);
    expect(decodeProtobuf(body("apps/v1", "Deployment", spec))).toMatchObject({
      spec: { replicas: 0 },
    });
    expect(decodeProtobuf(body("apps/v1", "Deployment", spec))["spec"]).toEqual({ replicas: 0 });
  });

  test("may hold int-or-string, bytes and repeated messages", () => {
    const port = (target: Bytes): Bytes => field(1, [...varint(3, 80), ...field(4, target)]);
    const spec = field(2, [
      ...port([...varint(1, 0), ...varint(2, 90)]),
      ...port([...varint(1, 1), ...text(3, "http")]),
    ]);
    expect(decodeProtobuf(body("v1", "Service", spec))).toMatchObject({
      spec: {
        ports: [
          { port: 80, targetPort: 90 },
          { port: 80, targetPort: "http" },
        ],
      },
    });
    const secret = field(2, [...text(1, "k"), ...text(2, "v")]);
    expect(decodeProtobuf(body("v1", "Secret", secret))).toMatchObject({ data: { k: "dg==" } });
  });

  test.each([
    ["without its magic", Uint8Array.of(1, 2, 3, 4), 400],
    ["that ends too early", Uint8Array.from([...textBytes("k8s\0"), 10, 200]), 400],
    ["of an unknown wire type", Uint8Array.from([...textBytes("k8s\0"), 15]), 400],
    [
      "with a number that never ends",
      Uint8Array.from([...textBytes("k8s\0"), ...Array.from({ length: 20 }, () => 255)]),
      400,
    ],
    ["of a kind that is not in the table", body("batch/v1", "Job", []), 415],
  ])("%s is refused", (_case, bytes, code) => {
    expect(() => decodeProtobuf(bytes)).toThrow(expect.objectContaining({ code }));
  });
});
