import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import { decodeError, tooLargeError } from "../errors/decode-error.ts";
import { ServingError } from "../errors/serving-error.ts";
import { WireFault } from "./wire/wire-fault.ts";
import type { OutgoingMessage } from "./wire/wire-writer.ts";

/** One operation on this wire: what is sent for a request, and what a reply says. The same for the same, always. */
export interface Codec<O extends OperationName> {
  /** The HTTP/2 path of the method. @see tensorflow_serving/apis/prediction_service.proto, model_service.proto */
  readonly path: string;
  /** @throws ServingError (INVALID_ARGUMENT) for what the message cannot hold */
  encode(request: RequestOf<O>): OutgoingMessage;
  /**
   * Takes `bytes` over: what is read may live on in their memory, so they must not be used afterwards.
   *
   * @throws ServingError (INTERNAL, kind `decode`) that says where and why the bytes cannot be believed
   */
  decode(bytes: Buffer, request: RequestOf<O>, limits: DecodeLimits): ResponseOf<O>;
}

export interface DecodeLimits {
  readonly maxMessageBytes: number;
}

/**
 * The longest reply of a control operation. A status or a signature of that size does not exist, while a message of
 * empty entries that long would become up to two hundred times as much memory.
 */
const MAX_CONTROL_BYTES = 512 * 1024;

/** Runs one of the generated decoders on the reply of a control operation. */
export function decodingControl<T>(message: string, bytes: Buffer, decode: () => T): T {
  if (bytes.length > MAX_CONTROL_BYTES) {
    throw tooLargeError(
      `${message}: has ${bytes.length} bytes, the limit for a control message is ${MAX_CONTROL_BYTES}`,
    );
  }
  return decoding(message, decode);
}

/** Runs a decoder; whatever goes wrong in it becomes the one typed error. */
export function decoding<T>(message: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ServingError) throw error;
    if (error instanceof WireFault) {
      throw decodeError(`${message}: ${error.path === "" ? "" : `${error.path}: `}${error.reason}`);
    }
    // The generated readers throw plain errors: their text names offsets and wire types, never content.
    throw decodeError(`${message}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
