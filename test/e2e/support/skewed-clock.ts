/** For `node --import`: the wall clock of this process is off by SKEW_MS; what measures spans of time is not. */
const skewMs = Number(process.env["SKEW_MS"] ?? 0);
const real = globalThis.Date;
const now = () => real.now() + skewMs;

globalThis.Date = new Proxy(real, {
  construct: (target, values, self): object =>
    Reflect.construct(target, values.length === 0 ? [now()] : values, self),
  get: (target, name): unknown => (name === "now" ? now : Reflect.get(target, name)),
});
