import { printable } from "../output.ts";
import { formatMs } from "../quantities.ts";
import { error, type Finding, ok, warning } from "./finding.ts";
import type { PortFacts, TlsFacts } from "./identify-port.ts";
import { type DoctorTarget, placeOf } from "./target.ts";

const WIRES = { grpc: "gRPC", rest: "REST" } as const;
const CLOSED: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    "start the server; while it loads its first models its ports are closed too, and REST is off without --rest_api_port",
  ETIMEDOUT: "look for a firewall or a wrong host: nothing answered at all",
  ENOTFOUND: "look at the name: it is not known",
  EAI_AGAIN: "look at the name service: it does not answer",
};

export interface Judgement {
  readonly now: Date;
  /** The name that the certificate must carry, where it is not the host. */
  readonly name?: string | undefined;
}

/** What a look at a port says about an address that a client is to use. */
export function judgePort(target: DoctorTarget, facts: PortFacts, at: Judgement): Finding[] {
  const place = placeOf(target);
  if (!facts.isOpen) {
    const advice = CLOSED[facts.code] ?? "look at the address and at the network on the way";
    return [error("port", `${place} cannot be reached (${facts.code})`, advice)];
  }
  const { spoken, tls, connectMs } = facts;
  const wire = spoken === "http2" ? "grpc" : "rest";
  if (spoken === "unknown" && tls === undefined) {
    const advice = "look at what listens there: it speaks neither gRPC nor HTTP, in plain text or over TLS";
    return [error("port", `${place} is open and answers nothing that is understood`, advice)];
  }
  const findings: Finding[] = [];
  if (spoken !== "unknown" && wire !== target.wire) {
    const there = spoken === "http2" ? "HTTP/2, as gRPC does" : "HTTP/1, as the REST API does";
    findings.push(
      error(
        "port",
        `${place} speaks ${there}: this is the wrong port for ${WIRES[target.wire]}`,
        `use ${wire === "grpc" ? "grpc" : "http"}${tls ? "s" : ""}://${place}, or the other port for ${WIRES[target.wire]}: gRPC is 8500 as a rule, REST 8501`,
      ),
    );
  } else {
    const there = spoken === "unknown" ? "TLS, and what is in it cannot be told" : WIRES[wire];
    findings.push(ok("port", `${place} speaks ${there}, connected in ${formatMs(connectMs)}`));
  }
  return [...findings, ...judgeTls(target, tls, at)];
}

function judgeTls(target: DoctorTarget, tls: TlsFacts | undefined, at: Judgement): Finding[] {
  const place = placeOf(target);
  const scheme = target.wire === "grpc" ? "grpc" : "http";
  if (tls === undefined) {
    if (!target.isSecure) return [ok("tls", "none, as the address says")];
    return [error("tls", `${place} speaks no TLS`, `use ${scheme}://${place}, or switch TLS on at the server`)];
  }
  const findings = target.isSecure
    ? [ok("tls", `${tls.version}, as the address says`)]
    : [error("tls", `${place} speaks TLS, the address says plain text`, `use ${scheme}s://${place}`)];
  return [...findings, ...judgeCertificate(tls, target, at)];
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

function judgeCertificate(
  { certificate, problem }: TlsFacts,
  { host }: DoctorTarget,
  { now, name = host }: Judgement,
): Finding[] {
  const from = Date.parse(certificate.valid_from);
  const to = Date.parse(certificate.valid_to);
  const findings: Finding[] = [];
  const days = Math.floor((to - now.getTime()) / DAY_MS);
  if (now.getTime() > to) {
    findings.push(
      error("certificate", `it expired ${-days} days ago, on ${dateOf(to)}`, "renew it, and load it into the server"),
    );
  } else if (now.getTime() < from) {
    findings.push(
      error(
        "certificate",
        `it is not valid before ${dateOf(from)}`,
        "look at the clock of this machine, then at the certificate",
      ),
    );
  } else if (days < SOON_DAYS) {
    findings.push(
      warning("certificate", `it expires in ${days} days, on ${dateOf(to)}`, "renew it, and load it into the server"),
    );
  } else {
    findings.push(ok("certificate", `valid until ${dateOf(to)}, ${days} days from now`));
  }
  if (problem === undefined || problem === "CERT_HAS_EXPIRED" || problem === "CERT_NOT_YET_VALID") return findings;
  if (problem === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = printable(certificate.subjectaltname ?? String(certificate.subject?.CN ?? "nobody"));
    findings.push(
      error(
        "certificate",
        `it is for ${names}, not for ${name}`,
        "use one of these names, or --tls-server-name with one of them",
      ),
    );
  } else {
    findings.push(
      error("certificate", `it is not trusted (${problem})`, "give the authority that issued it with --tls-ca"),
    );
  }
  return findings;
}

function dateOf(ms: number): string {
  return Number.isNaN(ms) ? "an unknown day" : new Date(ms).toISOString().slice(0, 10);
}
