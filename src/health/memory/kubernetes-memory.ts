import { isRecord, OptionChecks } from "../option-checks.ts";
import { boundedGetJson, readUrl } from "./bounded-http.ts";
import { parseQuantity } from "./kubernetes-quantity.ts";
import type { MemorySource } from "./memory-source.ts";
import { Restarts } from "./restarts.ts";
import { readSmallFile } from "./small-file.ts";

export interface KubernetesMemoryOptions {
  readonly pod: string;
  /** @default the namespace of the pod that this runs in */
  readonly namespace?: string | undefined;
  /** Needed where the pod has several. */
  readonly container?: string | undefined;
  /** @default that of the cluster that this runs in */
  readonly apiServer?: string | undefined;
  /** A token, or a function that is asked each time. @default that of the pod's service account, read each time */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Certificates to trust, as PEM. @default those of the pod's service account */
  readonly ca?: string | Uint8Array | undefined;
}

const NAMES = ["pod", "namespace", "container", "apiServer", "token", "ca"];
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * Reads the working set of a container from the Kubernetes metrics API. It is measured once in 15 to 60 seconds: enough
 * for a soak with pauses, too slow for a fuse.
 *
 * Needs `get` on `pods.metrics.k8s.io`; with `get` on `pods` too the limit and restarts are known.
 *
 * @throws TypeError for an option that cannot be
 * @see https://github.com/kubernetes/metrics PodMetrics
 */
export function kubernetesMemory(options: KubernetesMemoryOptions): MemorySource {
  const checks = new OptionChecks("kubernetesMemory");
  if (!isRecord(options)) throw checks.wrong("the argument", "an object of options", options);
  checks.known(options, NAMES);
  const pod = readName(checks, "pod", options.pod);
  if (pod === undefined) throw checks.wrong("pod", "the name of a pod", options.pod);
  const namespace = readName(checks, "namespace", options.namespace);
  const container = readName(checks, "container", options.container);
  const server =
    options.apiServer === undefined ? undefined : readUrl("kubernetesMemory", "apiServer", options.apiServer);
  const restarts = new Restarts();

  return {
    name: `pod ${pod}`,
    read: async ({ signal }) => {
      const space = namespace ?? (await readSmallFile(`${ACCOUNT}/namespace`)).trim();
      const headers = { authorization: `Bearer ${await tokenOf(options.token)}` };
      const ca = options.ca ?? (server === undefined ? await readSmallFile(`${ACCOUNT}/ca.crt`) : undefined);
      const ask = (path: string) => boundedGetJson({ url: new URL(path, server ?? ownServer()), headers, ca, signal });
      const [metrics, description] = await Promise.all([
        ask(`/apis/metrics.k8s.io/v1beta1/namespaces/${space}/pods/${pod}`),
        ask(`/api/v1/namespaces/${space}/pods/${pod}`).catch(() => undefined),
      ]);
      const measured = pick(list(metrics, "containers"), container);
      const bytes = parseQuantity(path(measured, "usage", "memory"));
      if (bytes === undefined) throw new Error("the metrics API tells no memory of it");
      const name = String(path(measured, "name"));
      const spec = list(path(description, "spec"), "containers").find((entry) => path(entry, "name") === name);
      const status = list(path(description, "status"), "containerStatuses").find(
        (entry) => path(entry, "name") === name,
      );
      const timeMs = Date.parse(String(path(metrics, "timestamp")));
      const begun = path(status, "containerID");
      return {
        bytes,
        limitBytes: parseQuantity(path(spec, "resources", "limits", "memory")),
        timeMs: timeMs > 0 ? timeMs : undefined,
        resets: restarts.note(typeof begun === "string" ? begun : undefined),
      };
    },
  };
}

async function tokenOf(token: KubernetesMemoryOptions["token"]): Promise<string> {
  if (typeof token === "function") return token();
  // Kubernetes writes a new one every hour or so.
  return token ?? (await readSmallFile(`${ACCOUNT}/token`)).trim();
}

function ownServer(): URL {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = process.env;
  if (host === undefined) throw new Error("this runs in no cluster: give apiServer");
  return new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}`);
}

function pick(containers: readonly unknown[], name: string | undefined): unknown {
  if (name !== undefined) {
    const found = containers.find((entry) => path(entry, "name") === name);
    if (found === undefined) throw new Error("the pod has no such container");
    return found;
  }
  if (containers.length !== 1) throw new Error(`the pod has ${containers.length} containers: give the name of one`);
  return containers[0];
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = path(value, name);
  return Array.isArray(found) ? found : [];
}

function path(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}

/** Names become parts of a path: small letters, digits, `-` and `.`, and nothing that climbs. */
function readName(checks: OptionChecks, option: string, value: unknown): string | undefined {
  const text = checks.text(option, value);
  if (text !== undefined && !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text)) {
    throw checks.wrong(option, "a name of Kubernetes", text);
  }
  return text;
}
