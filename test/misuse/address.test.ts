import { describe, expect, it } from "vitest";
import { parseAddress } from "../../src/client/address.ts";
import { parseAddresses } from "../../src/client/addresses.ts";

const FORMS =
  "expected grpc://host:8500, grpcs://…, http://host:8501, https://…, grpc+unix:///path or http+unix:///path";
const SOCKET = "must name a socket by its absolute path: grpc+unix:///run/tfs.sock";
const EXAMPLE = 'the address must be a string such as "grpc://localhost:8500"';

function messageOf(address: unknown): string {
  try {
    parseAddress(address, "createClient");
  } catch (error) {
    expect(error).toBeInstanceOf(TypeError);
    return (error as TypeError).message;
  }
  throw new Error("nothing was thrown");
}

describe("an address, misused", () => {
  it.each<[unknown, string]>([
    [undefined, `${EXAMPLE}, got undefined`],
    [8500, `${EXAMPLE}, got 8500`],
    [new URL("http://h"), `${EXAMPLE}, got a URL`],
    ["", `address "" is no URL, ${FORMS}`],
    ["local host", `address "local host" is no URL, ${FORMS}`],
    ["localhost", 'address "localhost" has no scheme; did you mean "grpc://localhost:8500"?'],
    ["localhost:8500", 'address "localhost:8500" has no scheme; did you mean "grpc://localhost:8500"?'],
    ["10.0.0.1:8501", 'address "10.0.0.1:8501" has no scheme; did you mean "http://10.0.0.1:8501"?'],
    ["[::1]:8500", 'address "[::1]:8500" has no scheme; did you mean "grpc://[::1]:8500"?'],
    [
      "unix:/run/x",
      'address "unix:/run/x" is not the form of a unix socket here: write grpc+unix:///path or http+unix:///path',
    ],
    ["tcp://h", `address "tcp://h" has the scheme "tcp:", ${FORMS}`],
    ["toString://h", `address "toString://h" has the scheme "toString:", ${FORMS}`],
    ["http://h/#x", 'address "http://h/" must not have a query or a fragment'],
    ["grpc://", 'address "grpc://" has no host'],
    ["grpc://:8500", 'address "grpc://:8500" has no host'],
    ["grpc://h:0", 'address "grpc://h:0" has "0" for a port, expected 1 to 65535'],
    ["grpc://h:65536", 'address "grpc://h:65536" has "65536" for a port, expected 1 to 65535'],
    ["grpc://h:1e3", 'address "grpc://h:1e3" has "1e3" for a port, expected 1 to 65535'],
    ["grpc://::1", 'address "grpc://::1" has an IPv6 host without its brackets: [::1]'],
    ["grpc://[::1", 'address "grpc://[::1" has "[" for a host'],
    ["grpc://exa%mple", 'address "grpc://exa%mple" has "exa%mple" for a host'],
    ["grpc://a b", 'address "grpc://a b" must not hold spaces, backslashes or control characters'],
    ["grpc://h/path", 'address "grpc://h/path" has a path: only http: and https: may have one'],
    ["http://h/v1/models/m", 'address "http://h/v1/models/m" must end before /v1/models: the client adds that'],
    ["http://h/v1", 'address "http://h/v1" must end before /v1: the client adds that'],
    ["https://h/v1/", 'address "https://h/v1/" must end before /v1: the client adds that'],
    ["http://h/a/../b", 'address "http://h/a/../b" must not have "." or ".." in its path'],
    ["http://h/a/%2E%2e/b", 'address "http://h/a/%2E%2e/b" must not have "." or ".." in its path'],
    ["grpc://unix:/run/x", 'address "grpc://unix:/run/x" names a unix socket: write grpc+unix:///run/tfs.sock'],
    ["grpc+unix://host/x", `address "grpc+unix://host/x" ${SOCKET}`],
    ["grpc+unix:x", `address "grpc+unix:x" ${SOCKET}`],
    ["grpc+unix:/", `address "grpc+unix:/" ${SOCKET}`],
    ["grpc+unix:///", `address "grpc+unix:///" ${SOCKET}`],
    ["grpc+unix:///%zz", 'address "grpc+unix:///%zz" has a % that begins no escape'],
    ["http+unix:///a%00b", 'address "http+unix:///a%00b" must not hold a zero byte'],
  ])("%j", (address, text) => {
    expect(messageOf(address)).toBe(`createClient: ${text}`);
  });

  it.each([
    [
      "grpc://user:hunter2@h:8500",
      'createClient: address "grpc://***@h:8500" must not hold user-info: use the option "auth"',
    ],
    ["user:hunter2@h:8500", `createClient: address "***@h:8500" is no URL, ${FORMS}`],
    ["http://h?token=hunter2", 'createClient: address "http://h" must not have a query or a fragment'],
  ])("never repeats a secret: %s", (address, text) => {
    expect(messageOf(address)).toBe(text);
    expect(messageOf(address)).not.toContain("hunter2");
  });
});

describe("a list of addresses, misused", () => {
  it.each<[unknown, string]>([
    [[], "the list of addresses is empty"],
    [
      ["grpc://a", "http://b"],
      "the addresses of one client must have the same scheme, got grpc://a:8500 and http://b:8501",
    ],
    [
      ["grpc://a", "grpcs://b"],
      "the addresses of one client must have the same scheme, got grpc://a:8500 and grpcs://b:8500",
    ],
    [["grpc://a", 5], 'the address must be a string such as "grpc://localhost:8500", got 5'],
    [[["grpc://a"]], 'the address must be a string such as "grpc://localhost:8500", got an array'],
  ])("%j", (addresses, text) => {
    expect(() => parseAddresses(addresses, "createClient")).toThrow(new TypeError(`createClient: ${text}`));
  });
});
