import type { Target } from "../contract/target.ts";
import type { KeepaliveOptions, TransportOptions } from "../contract/transport-options.ts";
import type { Clock } from "../internal/clock.ts";
import { credentialHeader, isHeaderValue } from "../policies/headers.ts";
import { isLocal } from "./address.ts";
import { clientOptionsShape, optionsProblem, optionsSchema, type Shape } from "./option-schemas.ts";
import type { ClientOptions } from "./options.ts";
import { type ClientSettings, toSettings } from "./settings.ts";

const DEFAULT_MAX_MESSAGE_BYTES = 64 * 2 ** 20;
const DEFAULT_CONNECT_TIMEOUT_MS = 2_000;
const DEFAULT_CONNECTIONS = { grpc: 1, rest: 64 } as const;
const DEFAULT_TIMEOUT_MS = 30_000;
/** A server's grpc library takes a ping this often from anybody, however long a connection is silent. */
const ALWAYS_ALLOWED_PING_MS = 300_000;

/** The options of a client, checked: what its upper half runs with, and what its transport is opened with. */
export interface CheckedOptions {
  readonly settings: ClientSettings;
  readonly transport: TransportOptions;
}

/** What a caller of {@link checkClientOptions} knows besides the options. */
export interface OptionsCheck {
  /** The function that messages name: `createClient`. */
  readonly caller: string;
  readonly target: Target;
  /** Options of one wire, checked by name with the rest. */
  readonly wireShape?: Shape;
  /** Whether one of them carries a credential. */
  readonly wireCredentials?: boolean;
  readonly clock?: Clock | undefined;
}

/**
 * Checks options as a user gives them and fills in every default.
 *
 * @throws TypeError for an unknown name, a value that cannot be, or options that exclude each other; never shows a
 * value that may be a secret
 */
export function checkClientOptions(options: ClientOptions, check: OptionsCheck): CheckedOptions {
  const { caller, target } = check;
  const fail = (problem: string) => new TypeError(`${caller}: ${problem}`);
  const schema = optionsSchema({
    ...clientOptionsShape(options),
    ...check.wireShape,
  });
  const problem = optionsProblem(schema, options) ?? tlsProblem(options, target) ?? keepaliveProblem(options, target);
  if (problem !== undefined) throw fail(problem);
  if (typeof options.auth === "string" && !isHeaderValue(options.auth))
    throw fail('option "auth" must be visible ASCII text');
  const settings = toSettings(
    options,
    target.secure || isLocal(target) || options.allowInsecureCredentials === true,
    check.clock,
  );
  const carried =
    options.auth !== undefined
      ? 'option "auth"'
      : check.wireCredentials
        ? 'option "credentials"'
        : headerCarried(settings);
  if (carried !== undefined && !settings.mayCarryCredentials) {
    throw fail(
      `${carried} would send a credential unencrypted to ${target.endpoint}: use ${target.wire === "grpc" ? "grpcs" : "https"}:, or allow it with allowInsecureCredentials`,
    );
  }
  if (options.auth !== undefined && settings.headers["authorization"] !== undefined) {
    throw fail('option "auth" and the header "authorization" exclude each other');
  }
  return { settings, transport: toTransportOptions(options, target, settings) };
}

function toTransportOptions(options: ClientOptions, target: Target, settings: ClientSettings): TransportOptions {
  return {
    target,
    tls: options.tls,
    maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    keepalive: options.keepalive === false ? false : toKeepalive(options.keepalive, target, settings.timeoutMs),
    connections: options.connections ?? DEFAULT_CONNECTIONS[target.wire],
    logger: settings.logger,
  };
}

function toKeepalive(
  given: KeepaliveOptions | undefined,
  target: Target,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): KeepaliveOptions {
  if (target.wire === "rest") return { timeMs: given?.timeMs ?? 4_000 };
  // Two pings in a silent call are borne, a third one ends the connection.
  const timeMs = given?.timeMs ?? Math.min(Math.max(30_000, timeoutMs / 2), ALWAYS_ALLOWED_PING_MS);
  return { timeMs, timeoutMs: given?.timeoutMs ?? 10_000 };
}

function headerCarried(settings: ClientSettings): string | undefined {
  const name = credentialHeader(settings.headers);
  return name === undefined ? undefined : `header "${name}"`;
}

function tlsProblem({ tls }: ClientOptions, target: Target): string | undefined {
  if (tls === undefined) return undefined;
  const scheme = target.wire === "grpc" ? "grpcs:" : "https:";
  if (!target.secure) return `option "tls" needs an address that begins with ${scheme}, got ${target.endpoint}`;
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    const [given, lacking] = tls.cert === undefined ? ["key", "cert"] : ["cert", "key"];
    return `option "tls.${given}" needs "tls.${lacking}": they go together`;
  }
  return undefined;
}

function keepaliveProblem({ keepalive }: ClientOptions, target: Target): string | undefined {
  if (target.wire === "grpc" || !keepalive || keepalive.timeoutMs === undefined) return undefined;
  return 'option "keepalive.timeoutMs" is for gRPC: HTTP/1.1 has no pings';
}
