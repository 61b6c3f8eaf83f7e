import { describe, expect, it } from "vitest";
import { isLocal, parseAddress } from "../../../src/client/address.ts";

const parse = (address: string) => parseAddress(address, "createClient");

describe("parseAddress", () => {
  it("reads a gRPC address", () => {
    expect(parse("grpc://models.example:9000")).toEqual({
      wire: "grpc",
      secure: false,
      host: "models.example",
      port: 9000,
      socketPath: undefined,
      pathPrefix: "",
      endpoint: "grpc://models.example:9000",
    });
  });

  it("fills in the ports 8500 and 8501", () => {
    expect(parse("grpc://h").port).toBe(8500);
    expect(parse("grpcs://h/").port).toBe(8500);
    expect(parse("http://h").port).toBe(8501);
    expect(parse("https://h:").port).toBe(8501);
  });

  it("keeps a port that is the scheme's own", () => {
    expect(parse("http://h:80").port).toBe(80);
    expect(parse("https://h:443").endpoint).toBe("https://h:443");
  });

  it("says what is encrypted", () => {
    expect(["grpc", "grpcs", "http", "https"].map((scheme) => parse(`${scheme}://h`).secure)).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it("keeps a gateway's path in front, without the slash at its end", () => {
    expect(parse("https://gw:443/serving/a%20b//")).toMatchObject({
      pathPrefix: "/serving/a%20b",
      endpoint: "https://gw:443/serving/a%20b",
    });
  });

  it("reads IPv6 hosts in brackets and hands them out without", () => {
    expect(parse("grpc://[::1]:8500")).toMatchObject({ host: "::1", port: 8500, endpoint: "grpc://[::1]:8500" });
    expect(parse("http://[2001:DB8:0:0::1]")).toMatchObject({
      host: "2001:db8::1",
      endpoint: "http://[2001:db8::1]:8501",
    });
  });

  it("writes hosts in one way", () => {
    expect(parse("GRPC://Models.Example").endpoint).toBe("grpc://models.example:8500");
    expect(parse("grpc://127.1").host).toBe("127.0.0.1");
  });

  it("takes a gateway's path, whatever its last part is called", () => {
    expect(parse("http://h/api/v1").pathPrefix).toBe("/api/v1");
    expect(parse("http://h/v10").pathPrefix).toBe("/v10");
  });

  it.each(["grpc+unix:", "http+unix:", "GRPC+UNIX:"])("takes one slash for three after %s", (scheme) => {
    expect(parse(`${scheme}/run/tfs.sock`)).toEqual(parse(`${scheme}///run/tfs.sock`));
  });

  it("reads unix sockets for both wires", () => {
    expect(parse("grpc+unix:///run/tfs.sock")).toEqual({
      wire: "grpc",
      secure: false,
      host: "",
      port: 0,
      socketPath: "/run/tfs.sock",
      pathPrefix: "",
      endpoint: "grpc+unix:///run/tfs.sock",
    });
    expect(parse("http+unix:///run/my%20tfs.sock")).toMatchObject({ wire: "rest", socketPath: "/run/my tfs.sock" });
  });
});

describe("isLocal", () => {
  it.each([
    ["grpc://localhost", true],
    ["grpc://tfs.localhost", true],
    ["http://127.8.0.1", true],
    ["grpc://[::1]", true],
    ["grpc+unix:///run/tfs.sock", true],
    ["grpc://127.0.0.1.example.com", false],
    ["grpc://localhost.example.com", false],
    ["http://10.0.0.1", false],
    ["grpc://[::2]", false],
  ])("%s: %s", (address, local) => {
    expect(isLocal(parse(address))).toBe(local);
  });
});
