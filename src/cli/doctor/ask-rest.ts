import { type IncomingMessage, request as requestClear } from "node:http";
import { request as requestSecure } from "node:https";
import { createServerMetrics, type ServerFigures } from "../../health.ts";
import { formatDuration } from "../quantities.ts";
import { type Finding, info, ok, warning } from "./finding.ts";
import { addressOf, type DoctorTarget } from "./target.ts";

const PAGE = "/monitoring/prometheus/metrics";
/** A `Date` header has whole seconds, and the answer was under way. */
const CLOCK_TOLERANCE_MS = 2_000;
const CLOCK_WRONG_MS = 30_000;

interface RestOptions {
  readonly ca?: string | undefined;
  readonly servername?: string | undefined;
  readonly timeoutMs: number;
}

/** Asks a REST port what its answers and its page of metrics tell: two requests. */
export async function askRest(target: DoctorTarget, options: RestOptions): Promise<Finding[]> {
  return [...(await askHeaders(target, options)), ...(await askPage(target, options))];
}

async function askHeaders(target: DoctorTarget, { ca, servername, timeoutMs }: RestOptions): Promise<Finding[]> {
  const send = target.isSecure ? requestSecure : requestClear;
  const sentAt = Date.now();
  try {
    const headers = await new Promise<IncomingMessage["headers"]>((resolve, reject) => {
      const options = {
        timeout: timeoutMs,
        agent: false,
        headers: { connection: "keep-alive" },
        ca,
        servername,
      } as const;
      const request = send(`${addressOf(target)}/v1/models/doctor`, options, (response) => {
        resolve(response.headers);
        response.destroy();
      });
      request.on("timeout", () => request.destroy(new Error("too late")));
      request.on("error", reject);
      request.end();
    });
    return [...judgeClock(headers.date, sentAt, Date.now()), ...judgeConnection(headers.connection)];
  } catch {
    return [];
  }
}

function judgeClock(header: string | undefined, sentAt: number, receivedAt: number): Finding[] {
  const there = Date.parse(header ?? "");
  if (Number.isNaN(there)) return [info("clock", "the server does not tell its time")];
  const apart = Math.max(0, sentAt - CLOCK_TOLERANCE_MS - there, there - receivedAt - CLOCK_TOLERANCE_MS);
  if (apart === 0) return [ok("clock", "the server's time is this machine's")];
  const found = `the server's time is ${formatDuration(apart)} or more from this machine's`;
  if (apart < CLOCK_WRONG_MS) return [info("clock", found)];
  return [warning("clock", found, "set both clocks: certificates, tokens and logs go by them")];
}

function judgeConnection(header: string | undefined): Finding[] {
  if (header?.toLowerCase() !== "close") return [];
  return [
    warning(
      "keepalive",
      "REST closes the connection after each answer",
      "look at the proxy in between: TensorFlow Serving keeps it, and a new one costs each call a round trip or more",
    ),
  ];
}

async function askPage(target: DoctorTarget, { ca, timeoutMs }: RestOptions): Promise<Finding[]> {
  const { path: _prefix, ...bare } = target;
  const url = `${addressOf({ ...bare, path: "" })}${PAGE}`;
  let figures: ServerFigures;
  try {
    figures = await createServerMetrics(url, { timeoutMs, ca }).read();
  } catch {
    const found = `no metrics at ${PAGE}: they are off, or at another path`;
    return [info("metrics page", `${found}; --monitoring_config_file switches them on`)];
  }
  const page = ok("metrics page", `on, at ${PAGE}`);
  if (figures.batches !== undefined || figures.queueing !== undefined) {
    return [page, info("batching", "on: the server has run batches (--enable_batching)")];
  }
  const isUsed = figures.runtime !== undefined || figures.latency !== undefined;
  return [
    page,
    info("batching", isUsed ? "off: predictions were made, none in a batch" : "not known: no prediction was made yet"),
  ];
}
