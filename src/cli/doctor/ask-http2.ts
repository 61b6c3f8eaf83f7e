import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from "node:http2";
import type { ConnectionOptions } from "node:tls";
import { formatMs } from "../quantities.ts";
import { type Finding, info, ok, warning } from "./finding.ts";
import { type DoctorTarget, placeOf } from "./target.ts";

/** An empty message of gRPC: not compressed, of no bytes. To the health service it means "the whole server". */
const EMPTY_MESSAGE = Buffer.alloc(5);
const HEALTH_PATH = "/grpc.health.v1.Health/Check";
const UNIMPLEMENTED = "12";

type Tls = Pick<ConnectionOptions, "ca" | "cert" | "key" | "servername">;

/** Asks a gRPC port what its connection tells: one ping, its settings, and whether it has the health service. */
export async function askHttp2(target: DoctorTarget, tls: Tls, timeoutMs: number): Promise<Finding[]> {
  const session = connect(`${target.isSecure ? "https" : "http"}://${placeOf(target)}`, target.isSecure ? tls : {});
  const failed = new Promise<never>((_resolve, reject) => {
    session.once("error", reject);
    session.setTimeout(timeoutMs, () => reject(new TooLate()));
  });
  // Whoever loses a race must not be a rejection that nobody handles.
  failed.catch(() => {});
  try {
    const pinged = await Promise.race([ping(session), failed]);
    const status = await Promise.race([healthStatus(session), failed]);
    const streams = session.remoteSettings.maxConcurrentStreams;
    return [
      ok("keepalive", `a ping came back in ${formatMs(pinged)}; the client sends two at most in a silent call`),
      ...(streams !== undefined && streams < FEW_STREAMS
        ? [
            warning(
              "limits",
              `the server takes ${streams} calls at a time on a connection`,
              "use more connections (connections of createClient), or fewer calls in flight",
            ),
          ]
        : []),
      ...healthFinding(status),
    ];
  } catch (problem) {
    // A connection that fails is the client's to tell, in better words.
    if (!(problem instanceof TooLate)) return [];
    return [warning("keepalive", "no ping came back", "look for a proxy in between that speaks HTTP/2 but no gRPC")];
  } finally {
    session.destroy();
  }
}

const FEW_STREAMS = 20;

class TooLate extends Error {}

function healthFinding(status: string | undefined): Finding[] {
  if (status === UNIMPLEMENTED) return [info("health service", "grpc.health.v1 is off, as by default")];
  if (status !== "0") return [];
  return [
    info(
      "health service",
      "grpc.health.v1 is on; it says SERVING whatever the models do, so no readiness probe for it",
    ),
  ];
}

function ping(session: ClientHttp2Session): Promise<number> {
  return new Promise((resolve, reject) => {
    session.once("connect", () => {
      session.ping((problem, durationMs) => (problem ? reject(problem) : resolve(durationMs)));
    });
  });
}

/** `grpc-status` of a health check of the whole server; undefined when there is none. */
function healthStatus(session: ClientHttp2Session): Promise<string | undefined> {
  return new Promise((resolve) => {
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: "POST",
      [constants.HTTP2_HEADER_PATH]: HEALTH_PATH,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      [constants.HTTP2_HEADER_TE]: "trailers",
    });
    const note = (headers: IncomingHttpHeaders) => {
      if (headers["grpc-status"] !== undefined) resolve(String(headers["grpc-status"]));
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.on("error", () => resolve(undefined));
    stream.on("close", () => resolve(undefined));
    stream.resume();
    stream.end(EMPTY_MESSAGE);
  });
}
