import type { CallOptions } from "../contract/call-options.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Transport } from "../contract/transport.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeValue } from "../internal/describe-value.ts";
import { promiseOf } from "../internal/promise-of.ts";
import { toModelMetadataRequest, toModelStatusRequest } from "./control-request.ts";
import { ClientCore } from "./core.ts";
import { toExamplesRequest, toMultiInferenceRequest } from "./examples-request.ts";
import { createModelHandle } from "./model.ts";
import { toPredictRequest } from "./predict-request.ts";
import { toReloadConfigRequest } from "./reload-config-request.ts";
import type { ServingClient } from "./serving-client.ts";
import type { ClientSettings } from "./settings.ts";
import type { Prepare } from "./stack.ts";

const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;

/**
 * A client over a transport that is ready to be used: the same on every wire. It owns the transport and closes it.
 */
export function createClientOver(transport: Transport, settings: ClientSettings): ServingClient {
  const core = new ClientCore(transport, settings);

  function run<O extends OperationName, G>(
    operation: O,
    given: G,
    toRequest: (given: G) => RequestOf<O>,
    options: CallOptions | undefined,
  ): Promise<ResponseOf<O>> {
    const prepare: Prepare<O> = (context) => ({ request: toRequest(given), context });
    // Not even reading what was given can throw at the caller.
    return promiseOf(() => {
      const model = (given as { readonly model?: unknown } | null | undefined)?.model;
      return core.run({ operation, model, options, prepare });
    });
  }

  const close: ServingClient["close"] = async (options = {}) => {
    const graceMs: unknown = options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS;
    if (typeof graceMs !== "number" || !(graceMs >= 0)) {
      throw invalidArgument(
        `close: option "timeoutMs" must be a number of milliseconds from 0, got ${describeValue(graceMs)}`,
      );
    }
    return core.close(graceMs);
  };

  return {
    wire: core.wire,
    endpoint: core.endpoint,
    predict: (request, options) => run("predict", request, (given) => toPredictRequest(given), options),
    classify: (request, options) => run("classify", request, (given) => toExamplesRequest(given, "classify"), options),
    regress: (request, options) => run("regress", request, (given) => toExamplesRequest(given, "regress"), options),
    multiInference: (request, options) => run("multiInference", request, toMultiInferenceRequest, options),
    getModelStatus: (request, options) => run("getModelStatus", request, toModelStatusRequest, options),
    getModelMetadata: (request, options) => run("getModelMetadata", request, toModelMetadataRequest, options),
    reloadConfig: (request, options) => run("reloadConfig", request, toReloadConfigRequest, options),
    model: (name, options) => createModelHandle(core, name, options),
    connect: async (options) => core.connect(options),
    endpoints: () => core.endpoints(),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
