/** One port of a server, and what is expected to be spoken on it. */
export interface DoctorTarget {
  readonly wire: "grpc" | "rest";
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** In front of `/v1` on REST, where a proxy puts something there. */
  readonly path: string;
}

const SCHEMES: Readonly<Record<string, Pick<DoctorTarget, "wire" | "isSecure">>> = {
  grpc: { wire: "grpc", isSecure: false },
  grpcs: { wire: "grpc", isSecure: true },
  http: { wire: "rest", isSecure: false },
  https: { wire: "rest", isSecure: true },
};
const PORTS = { grpc: 8500, rest: 8501 } as const;

/** @throws TypeError for what is no address of one port */
export function readTarget(address: string): DoctorTarget {
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/([^,]+)$/.exec(address) ?? [];
  const kind = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  // Read as http: the URL parser leaves the host of an unknown scheme as it is.
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (kind === undefined || url === undefined || url.hostname === "" || url.username !== "" || url.password !== "") {
    throw new TypeError("doctor: the address is one of grpc://host:8500, grpcs://…, http://host:8501 or https://…");
  }
  // The parser drops a scheme's own port: :80 of http.
  const port = /:80(?:\/|$)/.test(rest) && url.port === "" ? 80 : Number(url.port || PORTS[kind.wire]);
  return { ...kind, host: url.hostname.replace(/^\[|\]$/g, ""), port, path: url.pathname.replace(/\/+$/, "") };
}

/** The server's port for the other wire: the one given, else 8501 beside 8500 and the reverse, else none is known. */
export function otherTarget(target: DoctorTarget, other: string | undefined): DoctorTarget | undefined {
  if (other !== undefined) return readTarget(other);
  const wire = target.wire === "grpc" ? "rest" : "grpc";
  if (target.port !== PORTS[target.wire] && target.port !== PORTS[wire]) return undefined;
  const port = target.port === PORTS.grpc ? PORTS.rest : PORTS.grpc;
  // On the wrong port of the two, the right one is the other.
  return { ...target, port, wire: port === PORTS[wire] ? wire : target.wire, path: "" };
}

/** `host:port`, as people write it. */
export function placeOf({ host, port }: Pick<DoctorTarget, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As clients take it. */
export function addressOf(target: DoctorTarget): string {
  const scheme = target.wire === "grpc" ? "grpc" : "http";
  return `${scheme}${target.isSecure ? "s" : ""}://${placeOf(target)}${target.wire === "rest" ? target.path : ""}`;
}
