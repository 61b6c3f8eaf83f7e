import type { Code } from "./code.ts";
import type { ErrorKind } from "./kind.ts";

/** What a code means where no text and no status of HTTP says more. @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const KIND_OF_CODE: Readonly<Record<Code, ErrorKind>> = {
  CANCELLED: "cancelled",
  UNKNOWN: "internal",
  INVALID_ARGUMENT: "invalid",
  DEADLINE_EXCEEDED: "timeout",
  NOT_FOUND: "not_found",
  ALREADY_EXISTS: "precondition",
  PERMISSION_DENIED: "auth",
  RESOURCE_EXHAUSTED: "overloaded",
  FAILED_PRECONDITION: "precondition",
  ABORTED: "internal",
  OUT_OF_RANGE: "invalid",
  UNIMPLEMENTED: "unsupported",
  INTERNAL: "internal",
  UNAVAILABLE: "unavailable",
  DATA_LOSS: "internal",
  UNAUTHENTICATED: "auth",
};
