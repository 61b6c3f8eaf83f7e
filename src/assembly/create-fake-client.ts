import * as z from "zod/mini";
import { createClientOver } from "../client/client.ts";
import { clientOptionsShape, optionsProblem, optionsSchema } from "../client/option-schemas.ts";
import type { ClientOptions } from "../client/options.ts";
import type { ServingClient } from "../client/serving-client.ts";
import { toSettings } from "../client/settings.ts";
import { createFakeTransport, type FakeTransport, type FakeTransportOptions } from "../testing/fake-transport.ts";

/**
 * How a fake client and the server behind it behave. The options of a connection (`tls`, `keepalive`, …) are taken, so
 * that an application's own can be given; there is no connection for them to act on.
 */
export type FakeClientOptions = ClientOptions & Omit<FakeTransportOptions, "models">;

/** A client without sockets, and what a test can do to the server behind it. */
export interface FakeClient extends ServingClient {
  readonly server: FakeTransport["server"];
}

/**
 * A client whose server is a few functions in this process: the same checks, answers and errors as over gRPC.
 *
 * @throws TypeError for an option that cannot be, naming it
 */
export function createFakeClient(models: FakeTransportOptions["models"], options: FakeClientOptions = {}): FakeClient {
  const schema = optionsSchema({ ...clientOptionsShape(options), ...serverShape() });
  const problem = optionsProblem(schema, options);
  if (problem !== undefined) throw new TypeError(`createFakeClient: ${problem}`);
  const { storage, allowVersionLabelsForUnavailableModels } = options;
  const transport = createFakeTransport({ models, storage, allowVersionLabelsForUnavailableModels });
  return Object.assign(createClientOver(transport, toSettings(options, true)), { server: transport.server });
}

function serverShape() {
  return {
    storage: z.optional(
      z.custom((value) => typeof value === "object" && value !== null, "an object of versions by path"),
    ),
    allowVersionLabelsForUnavailableModels: z.optional(z.boolean("true or false")),
  };
}
