import { describe, expect, it } from "vitest";
import { checkOptions } from "../../src/assembly/check-options.ts";
import { parseAddress } from "../../src/client/address.ts";

function messageOf(address: string, options: unknown): string {
  const target = parseAddress(address, "createClient");
  try {
    checkOptions(options as never, [target], "createClient");
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  throw new Error("nothing was thrown");
}

const GRPC = "grpc://localhost";
const PEM = "-----BEGIN CERTIFICATE-----";
const FAR = "grpc://h";
const ALLOW = "or allow it with allowInsecureCredentials";
const LOGGER = 'option "logger" must be an object with the methods debug, info, warn or error';

describe("the options of a client, misused", () => {
  it.each<[string, unknown, string]>([
    [GRPC, null, "the options must be an object, got null"],
    [GRPC, "Bearer hunter2", "the options must be an object, got a string"],
    [GRPC, { timeout: 5 }, 'unknown option "timeout"; did you mean "timeoutMs"?'],
    [GRPC, { conections: 2 }, 'unknown option "conections"; did you mean "connections"?'],
    [GRPC, { colour: 1 }, 'unknown option "colour"'],
    [GRPC, { signal: 1 }, 'unknown option "signal"'],
    [GRPC, { timeoutMs: "fast" }, 'option "timeoutMs" must be a number of milliseconds from 0, got "fast"'],
    [GRPC, { timeoutMs: -1 }, 'option "timeoutMs" must be a number of milliseconds from 0, got -1'],
    [GRPC, { timeoutMs: Number.NaN }, 'option "timeoutMs" must be a number of milliseconds from 0, got NaN'],
    [GRPC, { timeoutMs: null }, 'option "timeoutMs" must be a number of milliseconds from 0, got null'],
    [GRPC, { headers: [] }, 'option "headers" must be an object of header values by name, got an array'],
    [GRPC, { headers: { a: 5 } }, 'header "a" must be a string, or null to take a default away'],
    [GRPC, { headers: { "a b": "x" } }, 'header "a b" is not a header name'],
    [GRPC, { format: "rows" }, 'option "format" must be "columnar" or "row", got "rows"'],
    [GRPC, { compression: true }, 'option "compression" must be "gzip" or "none", got true'],
    [GRPC, { onResponse: 1 }, 'option "onResponse" must be a function, got 1'],
    [
      GRPC,
      { maxMessageBytes: 0 },
      'option "maxMessageBytes" must be a whole number of bytes from 1 to 2147483647, got 0',
    ],
    [GRPC, { connectTimeoutMs: 0 }, 'option "connectTimeoutMs" must be a number of milliseconds above 0, got 0'],
    [GRPC, { connections: 1.5 }, 'option "connections" must be a whole number from 1, got 1.5'],
    [GRPC, { keepalive: true }, 'option "keepalive" must be an object, or false, got true'],
    [GRPC, { keepalive: { time: 5 } }, 'unknown option "keepalive.time"; did you mean "keepalive.timeMs"?'],
    [GRPC, { keepalive: { timeMs: 0 } }, 'option "keepalive.timeMs" must be a number of milliseconds above 0, got 0'],
    ["http://h", { keepalive: { timeoutMs: 5 } }, 'option "keepalive.timeoutMs" is for gRPC: HTTP/1.1 has no pings'],
    [GRPC, { balancing: true }, 'option "balancing" must be an object, or false, got true'],
    [GRPC, { balancing: { refresh: 5 } }, 'unknown option "balancing.refresh"; did you mean "balancing.refreshMs"?'],
    [
      GRPC,
      { balancing: { refreshMs: 0 } },
      'option "balancing.refreshMs" must be a number of milliseconds above 0, got 0',
    ],
    [GRPC, { balancing: { lookup: "dns" } }, 'option "balancing.lookup" must be a function, got "dns"'],
    [
      GRPC,
      { balancing: { ejectAfterFaults: 0.5 } },
      'option "balancing.ejectAfterFaults" must be a whole number from 1, or Infinity, got 0.5',
    ],
    [
      GRPC,
      { balancing: { maxEjectedPercent: 101 } },
      'option "balancing.maxEjectedPercent" must be a number from 0 to 100, got 101',
    ],
    [GRPC, { circuitBreaker: true }, 'option "circuitBreaker" must be an object, or false, got true'],
    [GRPC, { circuitBreaker: { ratio: 0 } }, 'option "circuitBreaker.ratio" must be a number above 0, to 1, got 0'],
    [
      GRPC,
      { circuitBreaker: { minCalls: -1 } },
      'option "circuitBreaker.minCalls" must be a whole number from 1, got -1',
    ],
    [GRPC, { maxRetries: -1 }, 'option "maxRetries" must be a whole number from 0, got -1'],
    [GRPC, { maxRetries: 1.5 }, 'option "maxRetries" must be a whole number from 0, got 1.5'],
    [GRPC, { maxRetry: 1 }, 'unknown option "maxRetry"; did you mean "maxRetries"?'],
    [GRPC, { attemptTimeoutMs: 0 }, 'option "attemptTimeoutMs" must be a number of milliseconds above 0, got 0'],
    [GRPC, { idempotent: "no" }, 'option "idempotent" must be true or false, got "no"'],
    [GRPC, { retry: 3 }, 'option "retry" must be an object, got 3'],
    [GRPC, { retry: { baseDelay: 5 } }, 'unknown option "retry.baseDelay"; did you mean "retry.baseDelayMs"?'],
    [GRPC, { retry: { maxDelayMs: -1 } }, 'option "retry.maxDelayMs" must be a number of milliseconds from 0, got -1'],
    [GRPC, { retry: { budget: true } }, 'option "retry.budget" must be an object, or false, got true'],
    [GRPC, { retry: { budget: { ratio: 2 } } }, 'option "retry.budget.ratio" must be a number from 0 to 1, got 2'],
    [
      GRPC,
      { retry: { budget: { perSec: 2 } } },
      'unknown option "retry.budget.perSec"; did you mean "retry.budget.perSecond"?',
    ],
    [GRPC, { retry: { budget: { burst: 0 } } }, 'option "retry.budget.burst" must be a number from 1, got 0'],
    [GRPC, { hedging: true }, 'option "hedging" must be an object, or false, got true'],
    [GRPC, { hedging: {} }, 'option "hedging.delayMs" must be a number of milliseconds above 0, got undefined'],
    [
      GRPC,
      { hedging: { delayMs: 5, maxHedges: 0 } },
      'option "hedging.maxHedges" must be a whole number from 1, got 0',
    ],
    [
      GRPC,
      { concurrency: { initialLimit: 0 } },
      'option "concurrency.initialLimit" must be a whole number from 1, got 0',
    ],
    [GRPC, { concurrency: { maxQueue: -1 } }, 'option "concurrency.maxQueue" must be a whole number from 0, got -1'],
    [GRPC, { concurrency: { limit: 5 } }, 'unknown option "concurrency.limit"'],
    [GRPC, { middleware: () => {} }, 'option "middleware" must be an array of functions, got a function'],
    [GRPC, { middleware: [1] }, 'option "middleware[0]" must be a function, got 1'],
    [GRPC, { logger: "console" }, `${LOGGER}, got "console"`],
    [GRPC, { logger: {} }, `${LOGGER}, got an object`],
    [GRPC, { logger: { warn: 1 } }, `${LOGGER}, got an object`],
    ["grpcs://h", { tls: true }, 'option "tls" must be an object, got a boolean'],
    ["grpcs://h", { tls: { servername: "x" } }, 'unknown option "tls.servername"; did you mean "tls.serverName"?'],
    ["grpcs://h", { tls: { ca: 5 } }, 'option "tls.ca" must be PEM text or its bytes, got a number'],
    ["grpcs://h", { tls: { ca: "" } }, 'option "tls.ca" must be PEM text or its bytes, got an empty string'],
    ["https://h", { tls: { ca: Buffer.from("DER") } }, 'option "tls.ca" must be PEM text or its bytes, got a Buffer'],
    ["grpcs://h", { tls: { cert: PEM } }, 'option "tls.cert" needs "tls.key": they go together'],
    ["grpcs://h", { tls: { key: PEM } }, 'option "tls.key" needs "tls.cert": they go together'],
    [
      "grpcs://h",
      { tls: { minVersion: "TLSv1.1" } },
      'option "tls.minVersion" must be "TLSv1.2" or "TLSv1.3", got "TLSv1.1"',
    ],
    [FAR, { tls: {} }, 'option "tls" needs an address that begins with grpcs:, got grpc://h:8500'],
    ["http+unix:///x", { tls: {} }, 'option "tls" needs an address that begins with https:, got http+unix:///x'],
    ["grpcs://h", { credentials: {}, tls: {} }, 'the options "credentials" and "tls" exclude each other'],
    ["http://h", { channelOptions: {} }, 'option "channelOptions" is for gRPC, the address is http://h:8501'],
    ["https://h", { credentials: {} }, 'option "credentials" is for gRPC, the address is https://h:8501'],
    [FAR, { dispatcher: { dispatch() {} } }, 'option "dispatcher" is for REST, the address is grpc://h:8500'],
    ["http://h", { dispatcher: {} }, 'option "dispatcher" must be an undici Dispatcher, got an object'],
    [GRPC, { channelOptions: 1 }, 'option "channelOptions" must be an object of grpc-js channel options, got 1'],
    [GRPC, { allowInsecureCredentials: 1 }, 'option "allowInsecureCredentials" must be true or false, got 1'],
  ])("%s %j", (address, options, text) => {
    expect(messageOf(address, options)).toBe(`createClient: ${text}`);
  });

  it.each<[string, unknown, string]>([
    [GRPC, { auth: "" }, 'option "auth" must be a non-empty string or a function, got an empty string'],
    [GRPC, { auth: ["hunter2"] }, 'option "auth" must be a non-empty string or a function, got an array'],
    [GRPC, { auth: "hunter2\n" }, 'option "auth" must be visible ASCII text'],
    [
      GRPC,
      { auth: "Bearer hunter2", headers: { Authorization: "hunter2" } },
      'option "auth" and the header "authorization" exclude each other',
    ],
    [
      FAR,
      { auth: "hunter2" },
      `option "auth" would send a credential unencrypted to grpc://h:8500: use grpcs:, ${ALLOW}`,
    ],
    [
      "http://h",
      { headers: { Cookie: "hunter2" } },
      `header "cookie" would send a credential unencrypted to http://h:8501: use https:, ${ALLOW}`,
    ],
    [
      FAR,
      { credentials: { hunter2: "hunter2" } },
      `option "credentials" would send a credential unencrypted to grpc://h:8500: use grpcs:, ${ALLOW}`,
    ],
    ["grpcs://h", { tls: "hunter2" }, 'option "tls" must be an object, got a string'],
    [GRPC, { headers: "hunter2" }, 'option "headers" must be an object of header values by name, got a string'],
  ])("never shows a secret: %s %j", (address, options, text) => {
    expect(messageOf(address, options)).toBe(`createClient: ${text}`);
    expect(messageOf(address, options)).not.toContain("hunter2");
  });

  it.each<[string, object]>([
    [FAR, { auth: "Bearer t", allowInsecureCredentials: true }],
    ["grpcs://h", { auth: "Bearer t" }],
    [GRPC, { auth: "Bearer t" }],
    ["grpc+unix:///run/x", { auth: async () => "Bearer t" }],
    [
      "https://h",
      { timeoutMs: Number.POSITIVE_INFINITY, connectTimeoutMs: Number.POSITIVE_INFINITY, keepalive: false },
    ],
    [GRPC, { timeoutMs: undefined, tls: undefined, logger: console }],
  ])("is not: %s %j", (address, options) => {
    expect(() => messageOf(address, options)).toThrow("nothing was thrown");
  });
});
