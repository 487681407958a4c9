/** Field types that several kinds share, with the bounds Kubernetes gives them. */
import { z } from "zod";

/** A DNS-1123 subdomain: the name of most objects. */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** A whole number of seconds with bounds. */
export function seconds(bounds: { readonly min: number; readonly max: number }) {
  return z.int32().min(bounds.min).max(bounds.max);
}

/** An instant as RFC 3339 text in UTC with milliseconds, for example 2026-11-21T12:00:00.250Z. */
export const instant = z.string().max(32);

/** One key of a Secret in the same namespace as the object that names it. */
export const secretKeyReference = z.object({
  name: objectName.describe("Name of the Secret, in the same namespace."),
  key: z.string().min(1).max(253).describe("Key within the Secret."),
});
export type SecretKeyReference = z.infer<typeof secretKeyReference>;
