/** What a controller's process shows of itself at one instant: counted inside it by the probe, and outside by its parent. */
import { z } from "zod";

/** What the probe answers, after a full garbage collection. */
export const Inside = z.object({
  /** Bytes. */
  residentBytes: z.number(),
  heapBytes: z.number(),
  /** Memory of buffers, which is not in the heap. */
  externalBytes: z.number(),
  /** Those that will fire, also those that keep no process alive. */
  timers: z.int(),
  /** Of abort signals that are held by anybody, and of the process itself. */
  listeners: z.int(),
  signals: z.int(),
});
export type Inside = z.infer<typeof Inside>;

export interface Sample extends Inside {
  /** Since the soak began. */
  readonly atMs: number;
  /** Open file descriptors, by /proc. */
  readonly handles: number;
  readonly sockets: number;
  /** Lines of /metrics that are a series. */
  readonly series: number;
  readonly isLeading: boolean;
}
