/**
 * Reads the API server's audit log: what Serin asked for, how that was answered, and every route that it wrote. Complete
 * whatever was stopped or cut meanwhile, since the server writes it before it answers.
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";

const ObjectRef = z.looseObject({
  apiGroup: z.string().default(""),
  resource: z.string(),
  subresource: z.string().optional(),
  namespace: z.string().default(""),
  name: z.string().default(""),
});

const AuditEvent = z.looseObject({
  verb: z.string(),
  requestURI: z.string(),
  stage: z.string(),
  objectRef: ObjectRef.optional(),
  responseStatus: z.looseObject({ code: z.number() }).optional(),
  responseObject: z.looseObject({ kind: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).default({}),
});

/** One request for a resource, as the roles name it. */
export interface AskedFor {
  readonly verb: string;
  readonly group: string;
  /** With its subresource, as in `canaries/status`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
  /** By the roles; an admission's 403 is none. */
  readonly isForbidden: boolean;
  /** What the server answered to a write of a route; undefined for all else and for errors. */
  readonly written: object | undefined;
}

/** Requests of Serin's that were answered, in the order of their answers; watches count when they begin and end. */
export async function readAudit(auditLog: string): Promise<readonly AskedFor[]> {
  const asked: AskedFor[] = [];
  for await (const line of createInterface({ input: createReadStream(auditLog) })) {
    // The server may be writing the last one right now.
    const event = line.endsWith("}") ? AuditEvent.parse(JSON.parse(line)) : undefined;
    if (event?.objectRef !== undefined) asked.push(askedFor(event, event.objectRef));
  }
  return asked;
}

function askedFor(
  { verb, responseStatus, responseObject, annotations }: z.infer<typeof AuditEvent>,
  { apiGroup, resource, subresource, namespace, name }: z.infer<typeof ObjectRef>,
): AskedFor {
  const isWritten = responseObject !== undefined && responseObject.kind !== "Status";
  return {
    verb,
    group: apiGroup,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    namespace,
    name,
    code: responseStatus?.code ?? 0,
    isForbidden: annotations["authorization.k8s.io/decision"] === "forbid",
    written: isWritten ? responseObject : undefined,
  };
}
