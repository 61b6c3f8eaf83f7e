import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Signature } from "../contract/signature.ts";

/** A request as HTTP carries it. `path` is below `/v1`, encoded. */
export interface RestRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Undefined for GET. Its owner is whoever sends it. */
  readonly body: Buffer | undefined;
}

/** The body of a reply with status 200, decompressed. */
export interface RestReply {
  readonly body: Buffer;
  /** True when only the end of the connection ended the body, so that a cut one looks whole. */
  readonly endedByClose: boolean;
}

/** What a codec needs to know of the call, beside the request. */
export interface CodecContext {
  readonly format: "columnar" | "row";
  readonly signature: Signature | undefined;
  readonly maxMessageBytes: number;
}

/** One operation in HTTP and JSON. Pure: bytes in, bytes out, no socket and no clock. */
export interface RestCodec<O extends OperationName> {
  /** @throws ServingError when the request cannot be put this way; nothing has been sent then */
  encode(request: RequestOf<O>, context: CodecContext): RestRequest;
  /** @throws ServingError (kind decode or truncated) when the reply cannot be believed */
  decode(reply: RestReply, request: RequestOf<O>, context: CodecContext): ResponseOf<O>;
}
