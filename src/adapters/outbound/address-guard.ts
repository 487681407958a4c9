/**
 * Which IP addresses Serin connects to when somebody names a server in a resource: not those that mean the machine itself,
 * its neighbours on the link, or a cloud's metadata, where a request from Serin's pod could do what its author may not.
 */
import { BlockList, isIP } from "node:net";

export interface AddressGuard {
  /** Whether a connection to this IP address may be made; false for a text that is none. */
  allows(address: string): boolean;
}

/** Nowhere anybody keeps a server for others: the link, "this host", multicast, and clouds' metadata off the link. */
const nobodys: readonly (readonly [network: string, prefix: number])[] = [
  ["169.254.0.0", 16],
  ["0.0.0.0", 8],
  ["224.0.0.0", 3],
  ["100.100.100.200", 32],
  ["168.63.129.16", 32],
  ["192.0.0.192", 32],
  ["fe80::", 10],
  ["ff00::", 8],
  ["::", 128],
  ["fd00:ec2::254", 128],
  ["fd20:ce::254", 128],
  // IPv4 addresses in the dress of others, of translated networks.
  ["64:ff9b::a9fe:0", 112],
  ["64:ff9b::", 104],
];

const loopback: readonly (readonly [network: string, prefix: number])[] = [
  ["127.0.0.0", 8],
  ["::", 96],
  ["64:ff9b::7f00:0", 104],
];

export interface GuardOptions {
  /** Whether the machine itself may be connected to: where it is a developer's, not a pod with sidecars in it. */
  readonly loopback: "Allow" | "Refuse";
  /** More addresses that are refused, as the API server's. */
  readonly refused?: readonly string[];
}

export function createAddressGuard({ loopback: own, refused = [] }: GuardOptions): AddressGuard {
  const blocked = new BlockList();
  for (const [network, prefix] of own === "Allow" ? nobodys : [...nobodys, ...loopback])
    blocked.addSubnet(network, prefix, familyOf(network));
  for (const address of refused)
    if (isIP(address) !== 0) blocked.addAddress(address, familyOf(address));
  return {
    allows: (address) => isIP(address) !== 0 && !blocked.check(address, familyOf(address)),
  };
}

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");
