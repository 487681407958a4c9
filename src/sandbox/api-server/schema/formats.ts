/** The string formats a structural schema may name; others are ignored, as Kubernetes ignores them. */
import { isIP, isIPv4, isIPv6 } from "node:net";

const DURATION =
  /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function isCidr(text: string): boolean {
  const [address = "", bits = ""] = text.split("/");
  return (
    isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv4(address) ? 32 : 128)
  );
}

function isUri(text: string): boolean {
  return URL.canParse(text) || /^\/[^\s]*$/.test(text);
}

const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["date-time", (text: string) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text))],
  ["datetime", (text: string) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text))],
  ["date", (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text)],
  ["duration", (text: string) => text === "0" || DURATION.test(text)],
  ["uri", isUri],
  ["ipv4", isIPv4],
  ["ipv6", isIPv6],
  ["cidr", isCidr],
  ["uuid", (text: string) => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text)],
  ["byte", (text: string) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0],
  ["hostname", (text: string) => /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text)],
  ["email", (text: string) => /^[^\s@]+@[^\s@]+$/.test(text)],
]);

export function fitsFormat(text: string, format: string): boolean {
  return FORMATS.get(format)?.(text) ?? true;
}
