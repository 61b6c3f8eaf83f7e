import { unsupported } from "../errors/unsupported.ts";
import type { RestCodec } from "./codec.ts";

/** The server has no route for it. */
export const reloadConfig: RestCodec<"reloadConfig"> = {
  encode() {
    throw refusal();
  },
  decode() {
    throw refusal();
  },
};

function refusal(): Error {
  return unsupported(
    "reloadConfig does not exist over REST; use a gRPC client (port 8500 as a rule), or --model_config_file_poll_wait_seconds on the server",
  );
}
