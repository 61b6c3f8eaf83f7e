import type { PeerCertificate } from "node:tls";
import { describe, expect, it } from "vitest";
import type { PortFacts } from "../../../../src/cli/doctor/identify-port.ts";
import { judgePort } from "../../../../src/cli/doctor/judge-port.ts";
import { readTarget } from "../../../../src/cli/doctor/target.ts";

const NOW = new Date("2026-06-15T00:00:00Z");
const judge = (address: string, facts: PortFacts, name?: string) =>
  judgePort(readTarget(address), facts, { now: NOW, name }).map(
    ({ check, severity, found, advice }) =>
      `${severity} ${check}: ${found}${advice === undefined ? "" : ` -> ${advice}`}`,
  );

const plain = (spoken: "http1" | "http2" | "unknown"): PortFacts => ({
  isOpen: true,
  connectMs: 1.5,
  spoken,
  tls: undefined,
});
const secure = (valid_from: string, valid_to: string, problem?: string): PortFacts => ({
  isOpen: true,
  connectMs: 1.5,
  spoken: "http2",
  tls: {
    version: "TLSv1.3",
    certificate: { valid_from, valid_to, subjectaltname: "DNS:models.test" } as PeerCertificate,
    problem,
  },
});

describe("judgePort", () => {
  it("is content where the port speaks what the address says", () => {
    expect(judge("grpc://h:8500", plain("http2"))).toEqual([
      "ok port: h:8500 speaks gRPC, connected in 1.50 ms",
      "ok tls: none, as the address says",
    ]);
  });

  it("names the wrong port, both ways round", () => {
    expect(judge("grpc://h:8501", plain("http1"))[0]).toBe(
      "error port: h:8501 speaks HTTP/1, as the REST API does: this is the wrong port for gRPC -> use http://h:8501, or the other port for gRPC: gRPC is 8500 as a rule, REST 8501",
    );
    expect(judge("http://h:8500", plain("http2"))[0]).toMatch(
      /^error port: h:8500 speaks HTTP\/2, as gRPC does: this is the wrong port for REST -> use grpc:\/\/h:8500/,
    );
  });

  it.each([
    ["ECONNREFUSED", "while it loads its first models its ports are closed too"],
    ["ETIMEDOUT", "look for a firewall"],
    ["ENOTFOUND", "look at the name"],
    ["EHOSTUNREACH", "look at the address and at the network"],
  ])("says what to do about %s", (code, advice) => {
    const [finding = ""] = judge("grpc://h:8500", { isOpen: false, code });
    expect(finding).toContain(`error port: h:8500 cannot be reached (${code}) -> `);
    expect(finding).toContain(advice);
  });

  it("does not know what speaks nothing that it knows", () => {
    expect(judge("grpc://h:22", plain("unknown"))).toEqual([
      "error port: h:22 is open and answers nothing that is understood -> look at what listens there: it speaks neither gRPC nor HTTP, in plain text or over TLS",
    ]);
  });

  it("names TLS that is missing, and TLS that nobody expected", () => {
    expect(judge("grpcs://h:8500", plain("http2"))[1]).toBe(
      "error tls: h:8500 speaks no TLS -> use grpc://h:8500, or switch TLS on at the server",
    );
    expect(judge("grpc://h:8500", secure("2026-01-01", "2027-01-01"))[1]).toBe(
      "error tls: h:8500 speaks TLS, the address says plain text -> use grpcs://h:8500",
    );
  });

  it.each([
    ["2026-01-01", "2027-01-01", "ok certificate: valid until 2027-01-01, 200 days from now"],
    ["2026-01-01", "2026-06-20", "warning certificate: it expires in 5 days, on 2026-06-20"],
    ["2025-01-01", "2026-06-01", "error certificate: it expired 14 days ago, on 2026-06-01"],
    ["2026-07-01", "2027-01-01", "error certificate: it is not valid before 2026-07-01"],
  ])("judges a certificate from %s to %s", (from, to, text) => {
    expect(judge("grpcs://h:8500", secure(from, to))[2]).toContain(text);
  });

  it("names whom the certificate is for, and that it is not trusted", () => {
    expect(judge("grpcs://h:8500", secure("2026-01-01", "2027-01-01", "ERR_TLS_CERT_ALTNAME_INVALID")).at(-1)).toBe(
      "error certificate: it is for DNS:models.test, not for h -> use one of these names, or --tls-server-name with one of them",
    );
    expect(
      judge("grpcs://h:8500", secure("2026-01-01", "2027-01-01", "ERR_TLS_CERT_ALTNAME_INVALID"), "n").at(-1),
    ).toContain("not for n");
    expect(judge("grpcs://h:8500", secure("2026-01-01", "2027-01-01", "SELF_SIGNED_CERT_IN_CHAIN")).at(-1)).toBe(
      "error certificate: it is not trusted (SELF_SIGNED_CERT_IN_CHAIN) -> give the authority that issued it with --tls-ca",
    );
  });
});
