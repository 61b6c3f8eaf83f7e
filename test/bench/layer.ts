import { checkOptions } from "../../src/assembly/check-options.ts";
import { parseAddresses } from "../../src/client/addresses.ts";
import { createClientOver } from "../../src/client/client.ts";
import type { CallContext, Transport } from "../../src/contract/transport.ts";
import { createGrpcTransport } from "../../src/grpc/transport.ts";
import { Cancellation } from "../../src/internal/cancellation.ts";
import { createRestTransport } from "../../src/rest/transport.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { quantile } from "./compare.ts";
import type { Finding, GroupResult } from "./finding.ts";
import { QUICK, report } from "./group.ts";
import { startServer } from "./start-server.ts";
import { randomFloats } from "./tensors.ts";

const CALLS = QUICK ? 1_000 : 10_000;
const BUDGET_NS = 20_000;
const VALUES = randomFloats(10);

/** The client, and its transport called directly with what the client hands it; turn and turn about. */
async function measure(address: string): Promise<Finding> {
  const [target] = parseAddresses(address, "bench");
  const checked = checkOptions({ headers: { reply: "small" } }, [target], "bench");
  const options = { ...checked.transport, target };
  const transport: Transport =
    target.wire === "grpc"
      ? createGrpcTransport({ ...options, channelOptions: undefined, credentials: undefined })
      : createRestTransport({ ...options, dispatcher: undefined });
  let handed: CallContext | undefined;
  const seen: Transport = {
    ...transport,
    name: transport.name,
    endpoint: transport.endpoint,
    call: (operation, request, context) => {
      handed = context;
      return transport.call(operation, request, context);
    },
    close: () => transport.close(),
  };
  const client = createClientOver(seen, checked.settings);
  const request = () => ({ model: "small", inputs: { images: new Tensor("float32", [1, 10], VALUES) } });
  const callers = [
    () => client.predict(request()),
    () => transport.call("predict", request(), { ...(handed as CallContext), ...ownParts() }),
  ];
  const latencies = callers.map(() => new Float64Array(CALLS));
  await client.predict(request());
  for (let call = -CALLS / 4; call < CALLS; call++) {
    for (let turn = 0; turn < 2; turn++) {
      const which = (call + turn) & 1;
      const before = performance.now();
      await callers[which]!();
      if (call >= 0) latencies[which]![call] = performance.now() - before;
    }
  }
  await client.close();
  const [ours, bare] = latencies.map((each) => quantile(each, 0.5) * 1e6) as [number, number];
  return {
    work: `what the client adds to a small ${target.wire === "grpc" ? "gRPC" : "REST"} predict, at the median`,
    against: "budget: 20 us above the bare transport",
    ours: { value: Math.max(0, ours - bare), unit: "ns" },
    theirs: { value: BUDGET_NS, unit: "ns" },
    ratio: Math.max(0, ours - bare) / BUDGET_NS,
    goal: { kind: "at most", value: 1 },
  };
}

/** What no two calls share. */
function ownParts(): Pick<CallContext, "deadlineAt" | "cancellation" | "ledger"> {
  return {
    deadlineAt: performance.now() + 30_000,
    cancellation: new Cancellation(),
    ledger: {
      attempts: [],
      wantsHeaders: false,
      responseHeaders: undefined,
      responseTrailers: undefined,
      requestBytes: undefined,
      responseBytes: undefined,
    },
  };
}

await report(async (): Promise<GroupResult> => {
  const server = await startServer();
  const findings = [
    await measure(`grpc://127.0.0.1:${server.grpcPort}`),
    await measure(`http://127.0.0.1:${server.httpPort}`),
  ];
  server.stop();
  return { findings };
});
