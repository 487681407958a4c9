/**
 * Annotations by which something gives a Service callers of its own: DNS names, load balancers, tunnels, the sandbox's
 * clients. On the copies that hold one version each they would send requests past the routes.
 */

const prefixes = [
  "cloud.google.com/",
  "external-dns.alpha.kubernetes.io/",
  "getambassador.io/",
  "io.cilium/",
  "kube-vip.io/",
  "lbipam.cilium.io/",
  "metallb.io/",
  "metallb.universe.tf/",
  "networking.gke.io/",
  "nginx.ingress.kubernetes.io/",
  "sandbox.serin.dev/",
  "service.beta.kubernetes.io/",
  "tailscale.com/",
  "traefik.ingress.kubernetes.io/",
] as const;

/** The annotations without those. */
export function withoutOutsideCallers(
  annotations: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).filter(
      ([name]) => !prefixes.some((prefix) => name.startsWith(prefix)),
    ),
  );
}
