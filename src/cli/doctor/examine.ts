import { type ServingClient, ServingError, type VersionChoice } from "../../index.ts";
import { printable } from "../output.ts";
import { askHttp2 } from "./ask-http2.ts";
import { adviceFor, askModel } from "./ask-model.ts";
import { askRest } from "./ask-rest.ts";
import { error, type Finding, info, ok } from "./finding.ts";
import { identifyPort, type PortFacts } from "./identify-port.ts";
import { judgePort } from "./judge-port.ts";
import { addressOf, type DoctorTarget, otherTarget, placeOf } from "./target.ts";

export interface Examination {
  readonly target: DoctorTarget;
  /** The address of the other wire, where it was given. */
  readonly other: string | undefined;
  /** Left out: the names that servers have by default are tried. */
  readonly model: string | undefined;
  readonly choice: VersionChoice;
  readonly signatureName: string;
  readonly predicts: boolean;
  readonly timeoutMs: number;
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string };
  /** Opens clients for these addresses, and closes them behind what is done with them. */
  withClients(
    targets: readonly DoctorTarget[],
    use: (clients: readonly ServingClient[]) => Promise<Finding[]>,
  ): Promise<Finding[]>;
}

/** What was found, and whether anybody was there at all. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly isReachable: boolean;
}

/** The names of the binary without `--model_name`, and of the Docker image without `MODEL_NAME`. */
const DEFAULT_NAMES = ["default", "model"];

/** Looks at both ports of a server from outside: some connections, some status requests, a prediction a wire. */
export async function examine(examination: Examination): Promise<Diagnosis> {
  const { target, other, tls, timeoutMs } = examination;
  const beside = otherTarget(target, other);
  const targets = beside === undefined ? [target] : [target, beside];
  const looks = await Promise.all(targets.map((each) => look(each, examination)));
  const findings: Finding[] = [];
  for (const [index, { target: each, facts }] of looks.entries()) {
    // Nobody asked for the port beside: that it is closed is no fault.
    if (index === 1 && other === undefined && !facts.isOpen) findings.push(closedBeside(each, facts.code));
    else findings.push(...judgePort(each, facts, { now: new Date(), name: tls.servername }));
  }
  if (beside === undefined) findings.push(info("port", "the other wire was not looked at: --other says where it is"));

  const usable = looks.filter(({ isUsable }) => isUsable).map((each) => each.target);
  for (const each of usable) {
    findings.push(
      ...(each.wire === "grpc" ? await askHttp2(each, tls, timeoutMs) : await askRest(each, { ...tls, timeoutMs })),
    );
  }
  if (usable.length > 0)
    findings.push(...(await examination.withClients(usable, (clients) => askServer(clients, examination))));
  return { findings, isReachable: looks[0]?.facts.isOpen === true };
}

async function look(target: DoctorTarget, { tls, timeoutMs }: Examination) {
  const { host, port, isSecure } = target;
  const facts: PortFacts = await identifyPort({ host, port, timeoutMs, expectTls: isSecure, tls });
  const spoken = target.wire === "grpc" ? "http2" : "http1";
  const isUsable =
    facts.isOpen &&
    facts.spoken === spoken &&
    (facts.tls !== undefined) === isSecure &&
    facts.tls?.problem === undefined;
  return { target, facts, isUsable };
}

function closedBeside(target: DoctorTarget, code: string): Finding {
  const wire = target.wire === "rest" ? "REST (--rest_api_port)" : "gRPC";
  return info("port", `${placeOf(target)} cannot be reached (${code}): no ${wire} there; --other looks elsewhere`);
}

async function askServer(clients: readonly ServingClient[], examination: Examination): Promise<Finding[]> {
  const { model, timeoutMs } = examination;
  if (model !== undefined) return askModel(clients, { ...examination, model });
  const [client] = clients;
  for (const name of DEFAULT_NAMES) {
    try {
      await client?.getModelStatus({ model: name }, { timeoutMs });
      const found = info("options", `a model is called ${name}, as where a server is given no name for its only one`);
      return [found, ...(await askModel(clients, { ...examination, model: name }))];
    } catch (problem) {
      if (!(problem instanceof ServingError)) throw problem;
      if (problem.code === "NOT_FOUND") continue;
      return [error("server", printable(problem.message), adviceFor(problem))];
    }
  }
  return [
    ok("server", "answers requests for a status"),
    info("model", "no model was looked at: name one with --model"),
  ];
}

/** For the title: both addresses as clients take them. */
export function addressesOf({ target, other }: Pick<Examination, "target" | "other">): string[] {
  const beside = otherTarget(target, other);
  return [target, ...(beside === undefined ? [] : [beside])].map(addressOf);
}
