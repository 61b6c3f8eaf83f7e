import { isIP } from "node:net";
import { isLocal } from "../client/address.ts";
import type { CheckedOptions } from "../client/check-options.ts";
import type { ClientOptions } from "../client/options.ts";
import type { EmitEvent } from "../contract/events.ts";
import type { Target } from "../contract/target.ts";
import type { Transport } from "../contract/transport.ts";
import { createEndpoints } from "../endpoints/endpoints.ts";
import { reachByTcp } from "../endpoints/race-families.ts";
import { renewSilent } from "../endpoints/renew-silent.ts";
import { toBalancingSettings, toCircuitBreakerSettings } from "../endpoints/settings.ts";
import { systemLookup } from "../endpoints/system-lookup.ts";
import { logEndpointEvents } from "../policies/log-endpoint-events.ts";
import type { WireOptions } from "./wire-options.ts";

/**
 * The transport of a client: the plain one where there is one server by its address, else one that balances between
 * those of a list and those that a name stands for. `open` makes the way to one server and connects nothing.
 */
export function transportOver(
  targets: readonly [Target, ...Target[]],
  options: ClientOptions & WireOptions,
  { settings, transport: { connectTimeoutMs } }: CheckedOptions,
  open: (target: Target) => Transport,
): Transport {
  const { clock, emitter } = settings;
  const log = logEndpointEvents(settings.logger);
  const emit: EmitEvent = (event) => {
    log(event);
    emitter.emit(event);
  };
  const { balancing, circuitBreaker } = options;
  const isName = (target: Target) => balancing !== false && mayBeSeveral(target, options);
  const [first] = targets;
  if (targets.length === 1 && !isName(first) && !circuitBreaker) return renewSilent(() => open(first), { clock, emit });
  return createEndpoints({
    name: first.wire,
    endpoint: targets.map(({ endpoint }) => endpoint).join(","),
    fixed: targets.filter((target) => !isName(target)),
    names: targets.filter(isName),
    open,
    balancing: toBalancingSettings(balancing || undefined),
    circuitBreaker: circuitBreaker ? toCircuitBreakerSettings(circuitBreaker) : false,
    connectTimeoutMs,
    emit,
    clock,
    random: Math.random,
    lookup: (balancing || undefined)?.lookup ?? systemLookup,
    reach: reachByTcp,
  });
}

/** Whether an address is a name that is to be looked up here. `localhost` is one host, and a proxy looks up by itself. */
function mayBeSeveral(target: Target, { dispatcher }: WireOptions): boolean {
  return isIP(target.host) === 0 && !isLocal(target) && dispatcher === undefined && !isProxied(target);
}

/** Whether grpc-js goes through an HTTP proxy. @see grpc-js build/src/http_proxy.js getProxyInfo */
function isProxied({ wire }: Target): boolean {
  const { grpc_proxy, https_proxy, http_proxy } = process.env;
  return wire === "grpc" && Boolean(grpc_proxy || https_proxy || http_proxy);
}
