/** Reads objects off the wire for assertions: the one place in tests' support where types are asserted. */
import type { Payload } from "../../src/adapters/notify/slack/payload.ts";
import type { CanaryStatus } from "../../src/api/canary-status.ts";

export interface RouteView {
  readonly destination: { readonly host: string; readonly subset?: string };
  readonly weight?: number;
}
export interface VirtualServiceView {
  readonly metadata: { readonly resourceVersion: string; readonly generation: number };
  readonly spec: {
    readonly http: readonly {
      readonly name?: string;
      readonly mirror?: unknown;
      readonly mirrorPercentage?: unknown;
      readonly route?: readonly RouteView[];
    }[];
  };
}
export interface DeploymentView {
  readonly metadata: {
    readonly generation: number;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata?: unknown;
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
  readonly status?: { readonly replicas?: number; readonly availableReplicas?: number };
}
export interface CanaryView {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly annotations?: Record<string, string>;
  };
  readonly status?: CanaryStatus;
}
/** A VirtualService whole, for comparing it before and after. */
export interface RoutesView {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec: {
    readonly http: readonly { readonly route: readonly RouteView[] }[];
  };
}

export interface PodView {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}
export interface NamedView {
  readonly metadata: { readonly name: string };
}
export interface WatchEventView {
  readonly type: string;
  readonly object: unknown;
}
export interface EventView {
  readonly reason: string;
  readonly message?: string;
  readonly note?: string;
  readonly involvedObject?: { readonly kind: string; readonly name: string };
}

export const decodeVirtualService = (value: unknown): VirtualServiceView =>
  value as VirtualServiceView;
/** A list of them, with the version that a watch goes on from. */
export interface VirtualServiceList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly VirtualServiceView[];
}
export const decodeVirtualServices = (value: unknown): VirtualServiceList =>
  value as VirtualServiceList;
export const decodeRoutes = (value: unknown): RoutesView => value as RoutesView;
export const decodeDeployment = (value: unknown): DeploymentView => value as DeploymentView;
export const decodeCanary = (value: unknown): CanaryView => value as CanaryView;
export const decodePods = (value: unknown): readonly PodView[] =>
  (value as { readonly items: readonly PodView[] }).items;
export const decodeEvents = (value: unknown): readonly EventView[] =>
  (value as { readonly items: readonly EventView[] }).items;
export const decodeNames = (value: unknown): readonly string[] =>
  (value as { readonly items: readonly NamedView[] }).items.map(({ metadata }) => metadata.name);
export const decodeWatchEvent = (value: unknown): WatchEventView => value as WatchEventView;
export const decodePayload = (value: unknown): Payload => value as Payload;
/** The status that a patch of the status subresource carries, as its last operation. */
export const decodeStatusPatch = (body: string): CanaryStatus =>
  (JSON.parse(body) as readonly { readonly value: CanaryStatus }[]).at(-1)?.value ?? {};
