/**
 * The gRPC status names. REST failures carry them too, so that callers branch on one vocabulary.
 *
 * @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
export const CODE_NUMBERS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** Every status name, `OK` included: what a server can report about a model version. */
export type StatusName = keyof typeof CODE_NUMBERS;

/** The code of a failure: one of the 16 gRPC names other than `OK`. */
export type Code = Exclude<StatusName, "OK">;

const NAMES = Object.keys(CODE_NUMBERS) as StatusName[];

/** The name of a gRPC status number, or `undefined` for a number the protocol does not define. */
export function toStatusName(number: number): StatusName | undefined {
  return NAMES[number];
}
