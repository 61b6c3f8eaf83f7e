import type { Target } from "../../src/contract/target.ts";
import type { Transport } from "../../src/contract/transport.ts";
import { createEndpoints } from "../../src/endpoints/endpoints.ts";
import { renewSilent } from "../../src/endpoints/renew-silent.ts";
import { toBalancingSettings, toCircuitBreakerSettings } from "../../src/endpoints/settings.ts";
import { systemClock } from "../../src/internal/clock.ts";
import { newContext } from "../unit/policies/call-context.ts";
import { quantile } from "./compare.ts";
import { atMost, type Finding } from "./finding.ts";
import { QUICK, report } from "./group.ts";

const CALLS = QUICK ? 5_000 : 50_000;
const BUDGET_NS = 20_000;
const REQUEST = { model: "m" };

/** Answers at once, so that what is around it is all that takes time. */
function instant(target: Target): Transport {
  return {
    name: "grpc",
    endpoint: target.endpoint,
    call: async () => ({ versions: [] }) as never,
    close: async () => {},
  };
}

function target(host: string): Target {
  const endpoint = `grpc://${host}:8500`;
  return { wire: "grpc", secure: false, host, port: 8500, socketPath: undefined, pathPrefix: "", endpoint };
}

function balanced(hosts: number): Transport {
  return createEndpoints({
    name: "grpc",
    endpoint: "grpc://bench",
    fixed: Array.from({ length: hosts }, (_, index) => target(`10.0.0.${index + 1}`)),
    names: [],
    open: instant,
    balancing: toBalancingSettings(undefined),
    circuitBreaker: toCircuitBreakerSettings({}),
    connectTimeoutMs: 2_000,
    emit: () => {},
    clock: systemClock,
    random: Math.random,
    lookup: async () => [],
    reach: async () => true,
  });
}

/** A call through the layer and one without it, turn and turn about, at the median. */
async function measure(work: string, transport: Transport): Promise<Finding> {
  const callers = [transport, instant(target("10.0.0.1"))];
  const latencies = callers.map(() => new Float64Array(CALLS));
  for (let call = -CALLS / 4; call < CALLS; call++) {
    for (let turn = 0; turn < 2; turn++) {
      const which = (call + turn) & 1;
      const context = newContext();
      const before = performance.now();
      await callers[which]!.call("getModelStatus", REQUEST, context);
      if (call >= 0) latencies[which]![call] = performance.now() - before;
    }
  }
  await transport.close();
  const [ours, bare] = latencies.map((each) => quantile(each, 0.5) * 1e6) as [number, number];
  const addedNs = Math.max(0, ours - bare);
  return {
    work,
    against: "budget: 20 us above the bare transport",
    ours: { value: addedNs, unit: "ns" },
    theirs: { value: BUDGET_NS, unit: "ns" },
    ratio: addedNs / BUDGET_NS,
    goal: atMost(1),
  };
}

await report(async () => ({
  findings: [
    await measure(
      "what one server's connection watch adds to a call",
      renewSilent(() => instant(target("10.0.0.1")), {
        clock: systemClock,
        emit: () => {},
      }),
    ),
    await measure("what balancing 3 replicas adds to a call", balanced(3)),
    await measure("what balancing 50 replicas adds to a call", balanced(50)),
  ],
}));
