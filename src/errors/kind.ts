/**
 * What went wrong, finer than a code: codes cannot tell a full server queue from a lost connection
 * (both `UNAVAILABLE`), nor this client's size limit from the server's (both `RESOURCE_EXHAUSTED`).
 *
 * - `unavailable`: nobody answered, or the connection was lost
 * - `overloaded`: the server (or a proxy) refuses work for now
 * - `timeout`: a deadline passed, the caller's or the server's
 * - `cancelled`: the server reports a cancellation that this client did not ask for
 * - `too_large`: a message is larger than a limit
 * - `protocol`: the peer does not speak the protocol; often the wrong port
 * - `decode`: a well-framed reply whose content cannot be believed
 * - `truncated`: a reply that ends in the middle
 * - `tls`: the handshake or a certificate failed
 * - `auth`: the caller is not known, or not allowed
 * - `not_found`: no such model, version or route
 * - `invalid`: the request is wrong, found here or by the server
 * - `precondition`: the server's state does not allow it
 * - `unsupported`: this wire or this server cannot do that
 * - `internal`: the server failed while it worked
 * - `closed`: the client was closed
 */
export type ErrorKind =
  | "unavailable"
  | "overloaded"
  | "timeout"
  | "cancelled"
  | "too_large"
  | "protocol"
  | "decode"
  | "truncated"
  | "tls"
  | "auth"
  | "not_found"
  | "invalid"
  | "precondition"
  | "unsupported"
  | "internal"
  | "closed";
