import type { Target } from "../contract/target.ts";
import { describeValue } from "../internal/describe-value.ts";
import { quote } from "../internal/quote.ts";

interface Scheme {
  readonly wire: Target["wire"];
  readonly secure: boolean;
  readonly socket: boolean;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  grpc: { wire: "grpc", secure: false, socket: false },
  grpcs: { wire: "grpc", secure: true, socket: false },
  http: { wire: "rest", secure: false, socket: false },
  https: { wire: "rest", secure: true, socket: false },
  "grpc+unix": { wire: "grpc", secure: false, socket: true },
  "http+unix": { wire: "rest", secure: false, socket: true },
};

const FORMS = "grpc://host:8500, grpcs://…, http://host:8501, https://…, grpc+unix:///path or http+unix:///path";
const DEFAULT_PORT = { grpc: 8500, rest: 8501 } as const;

/**
 * Reads a server's address.
 *
 * `grpc: grpcs: http: https:` with a host and, if it is not 8500 (gRPC) or 8501 (REST), a port; `http:` and `https:`
 * may have a path, which then stands in front of `/v1/…` (a gateway). `grpc+unix:///run/tfs.sock` and
 * `http+unix:///run/tfs.sock` name a unix socket, one slash for three being as good. An IPv6 host stands in brackets.
 *
 * @throws TypeError for anything else, user-info, a query and a fragment included; a password is never repeated
 */
export function parseAddress(address: unknown, caller: string): Target {
  const fail = (problem: string) => new TypeError(`${caller}: ${problem}`);
  if (typeof address !== "string")
    throw fail(`the address must be a string such as "grpc://localhost:8500", got ${describeValue(address)}`);
  const shown = quote(withoutSecrets(address));
  // One slash, as a URI without an authority has it, says the same.
  const full = address.replace(/^(grpc|http)\+unix:\/(?!\/)/i, "$1+unix:///");
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)([?#].*)?$/s.exec(full);
  if (parts === null) throw fail(`address ${shown} ${withoutScheme(address)}`);
  const [, schemeName = "", authority = "", path = "", rest] = parts;
  const scheme = Object.hasOwn(SCHEMES, schemeName.toLowerCase()) ? SCHEMES[schemeName.toLowerCase()] : undefined;
  if (scheme === undefined) throw fail(`address ${shown} has the scheme ${quote(`${schemeName}:`)}, expected ${FORMS}`);
  if (authority.includes("@")) throw fail(`address ${shown} must not hold user-info: use the option "auth"`);
  if (rest !== undefined) throw fail(`address ${shown} must not have a query or a fragment`);
  if (/[\s\\\p{Cc}]/u.test(address))
    throw fail(`address ${shown} must not hold spaces, backslashes or control characters`);
  const name = schemeName.toLowerCase();
  if (scheme.socket)
    return socketTarget(scheme, name, authority, path, (problem) => fail(`address ${shown} ${problem}`));
  return hostTarget(scheme, name, authority, path, (problem) => fail(`address ${shown} ${problem}`));
}

/** Whether what is sent stays on this machine: a unix socket, localhost, 127.0.0.0/8 or ::1. */
export function isLocal(target: Target): boolean {
  if (target.socketPath !== undefined) return true;
  const { host } = target;
  return host === "localhost" || host.endsWith(".localhost") || /^127(\.\d{1,3}){3}$/.test(host) || host === "::1";
}

type Fail = (problem: string) => TypeError;

function socketTarget(scheme: Scheme, name: string, authority: string, path: string, fail: Fail): Target {
  if (authority !== "" || path.length < 2)
    throw fail(`must name a socket by its absolute path: ${name}:///run/tfs.sock`);
  let socketPath: string;
  try {
    socketPath = decodeURIComponent(path);
  } catch {
    throw fail("has a % that begins no escape");
  }
  if (socketPath.includes("\0")) throw fail("must not hold a zero byte");
  return {
    wire: scheme.wire,
    secure: false,
    host: "",
    port: 0,
    socketPath,
    pathPrefix: "",
    endpoint: `${name}://${path}`,
  };
}

function hostTarget(scheme: Scheme, name: string, authority: string, path: string, fail: Fail): Target {
  const [, hostText = "", portText] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority) ?? [];
  if (hostText === "unix")
    throw fail(`names a unix socket: write ${scheme.wire === "grpc" ? "grpc" : "http"}+unix:///run/tfs.sock`);
  if (/^[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:/.test(authority)) throw fail("has an IPv6 host without its brackets: [::1]");
  if (hostText === "") throw fail("has no host");
  const host = canonicalHost(hostText);
  if (host === undefined) throw fail(`has ${quote(hostText)} for a host`);
  const port = portText === undefined || portText === "" ? DEFAULT_PORT[scheme.wire] : Number(portText);
  if (portText && (!/^\d+$/.test(portText) || port < 1 || port > 65535))
    throw fail(`has ${quote(portText)} for a port, expected 1 to 65535`);
  const pathPrefix = prefixOf(scheme, path, fail);
  const bare = host.startsWith("[") ? host.slice(1, -1) : host;
  return {
    wire: scheme.wire,
    secure: scheme.secure,
    host: bare,
    port,
    socketPath: undefined,
    pathPrefix,
    endpoint: `${name}://${host}:${port}${pathPrefix}`,
  };
}

function prefixOf(scheme: Scheme, path: string, fail: Fail): string {
  const trimmed = path.replace(/\/+$/, "");
  if (trimmed === "") return "";
  if (scheme.wire === "grpc") throw fail("has a path: only http: and https: may have one");
  if (/\/v1\/models(\/|$)/.test(trimmed)) throw fail("must end before /v1/models: the client adds that");
  // Behind something else it is a gateway's own version.
  if (trimmed === "/v1") throw fail("must end before /v1: the client adds that");
  // Dots would be resolved on the way and climb out of the prefix.
  if (/\/(\.|%2e){1,2}(\/|$)/i.test(trimmed)) throw fail('must not have "." or ".." in its path');
  return new URL(`http://host${trimmed}`).pathname;
}

/** In lower case, numbers of an IPv4 address written out, IPv6 shortened; undefined when it is no host. */
function canonicalHost(text: string): string | undefined {
  if (!URL.canParse(`http://${text}/`)) return undefined;
  const { hostname, port, pathname } = new URL(`http://${text}/`);
  return hostname !== "" && port === "" && pathname === "/" ? hostname : undefined;
}

function withoutScheme(address: string): string {
  if (address.startsWith("unix:"))
    return "is not the form of a unix socket here: write grpc+unix:///path or http+unix:///path";
  const bare = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d+))?$/.exec(address);
  if (/^(grpc|http)\+unix:/i.test(address)) return "must name a socket by its absolute path: grpc+unix:///run/tfs.sock";
  if (bare === null) return `is no URL, expected ${FORMS}`;
  const [, host, port] = bare;
  const scheme = port === "8501" || port === "80" || port === "443" ? "http" : "grpc";
  return `has no scheme; did you mean "${scheme}://${host}:${port ?? DEFAULT_PORT.grpc}"?`;
}

/** User-info, query and fragment are where secrets stand. */
function withoutSecrets(address: string): string {
  const [before = ""] = address.split(/[?#]/, 1);
  const at = before.lastIndexOf("@");
  if (at < 0) return before;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(before)?.[0] ?? "";
  return `${scheme}***${before.slice(at)}`;
}
