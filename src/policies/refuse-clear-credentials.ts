import type { Policy } from "../contract/transport.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { credentialHeader } from "./headers.ts";

/**
 * Refuses to send a credential that came with the headers of a call or from a middleware: used where the connection
 * is not encrypted and leaves this machine.
 *
 * @throws ServingError (INVALID_ARGUMENT)
 */
export function refuseClearCredentials(): Policy {
  return (next) => async (operation, request, context) => {
    const name = credentialHeader(context.headers);
    if (name !== undefined) {
      throw invalidArgument(
        `header "${name}" would travel unencrypted: use grpcs: or https:, or allow it with allowInsecureCredentials`,
      );
    }
    return next(operation, request, context);
  };
}
