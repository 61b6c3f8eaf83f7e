import { unsupported } from "../errors/unsupported.ts";
import type { RestCodec } from "./codec.ts";

/** The server has no route for it. */
export const multiInference: RestCodec<"multiInference"> = {
  encode() {
    throw refusal();
  },
  decode() {
    throw refusal();
  },
};

function refusal(): Error {
  return unsupported(
    "multiInference does not exist over REST; use a gRPC client (port 8500 as a rule), or one classify or regress a task",
  );
}
