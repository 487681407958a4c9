/** The one gRPC method of the echo servers, as both ends know it: bytes there, the same bytes back. */

export const echoPath = "/serin.e2e.Echo/Say";

/** Trailer in which a server says of which workload's pod it answered, also with an error. */
export const workloadTrailer = "workload";

export const asBytes = (value: Buffer): Buffer => value;
