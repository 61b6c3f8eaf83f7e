import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { cgroupMemory } from "../../../../src/health/memory/cgroup-memory.ts";
import { dockerMemory } from "../../../../src/health/memory/docker-memory.ts";
import { kubernetesMemory } from "../../../../src/health/memory/kubernetes-memory.ts";
import { parseQuantity } from "../../../../src/health/memory/kubernetes-quantity.ts";
import type { MemorySource } from "../../../../src/health/memory/memory-source.ts";
import { procMemory } from "../../../../src/health/memory/proc-memory.ts";
import { prometheusMemory } from "../../../../src/health/memory/prometheus-memory.ts";

const folders: string[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

const read = (source: MemorySource) => source.read({ signal: AbortSignal.timeout(5_000) });

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tfserving-memory-"));
  folders.push(folder);
  write(folder, files);
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

type Answer = { readonly status?: number; readonly body: string | object };

/** Answers by path; `undefined` is a 404. */
async function serve(
  answer: (path: string, request: IncomingMessage) => Answer | undefined,
  socketPath?: string,
): Promise<string> {
  const server = createServer((request, response) => {
    const { status = 200, body } = answer(request.url ?? "", request) ?? { status: 404, body: "" };
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((done) =>
    socketPath === undefined ? server.listen(0, "127.0.0.1", done) : server.listen(socketPath, done),
  );
  return socketPath ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const page = (name: string) => readFileSync(new URL(`../../../fixtures/metrics/${name}.txt`, import.meta.url), "utf8");

const STATUS = "Name:\ttf (main) x\nVmRSS:\t 2048 kB\nRssAnon:\t 1024 kB\nVmSwap:\t 512 kB\n";
const stat = (start: number) => `7 (tf (main) x) S ${Array.from({ length: 18 }, (_, i) => i).join(" ")} ${start} 0 0\n`;

describe("procMemory", () => {
  it("reads this process, which is larger after it took more", async () => {
    const source = procMemory(process.pid);
    const before = (await read(source)).bytes;
    const taken = Buffer.alloc(256 << 20, 1);
    const after = (await read(source)).bytes;
    // The rest of the process may give something back meanwhile.
    expect(after - before).toBeGreaterThan(128 << 20);
    expect(taken.length).toBe(256 << 20);
  });

  it("reads what was written, swapped out or not, or all that is resident", async () => {
    const root = folderOf({ "7/status": STATUS, "7/stat": stat(100) });
    expect(await read(procMemory(7, { root, limitBytes: 5e9 }))).toEqual({
      bytes: 1536 * 1024,
      limitBytes: 5e9,
      resets: 0,
    });
    expect((await read(procMemory(7, { root, measure: "resident" }))).bytes).toBe(2048 * 1024);
  });

  it("counts another process of the same number as a restart", async () => {
    const root = folderOf({ "7/status": STATUS, "7/stat": stat(100) });
    const source = procMemory(7, { root });
    await read(source);
    write(root, { "7/stat": stat(200) });
    expect((await read(source)).resets).toBe(1);
  });

  it("says when there is no such process, and when it has ended", async () => {
    const root = folderOf({ "8/status": "Name:\tx\nState:\tZ (zombie)\n", "8/stat": stat(1) });
    await expect(read(procMemory(7, { root }))).rejects.toThrow("there is no such process");
    await expect(read(procMemory(8, { root }))).rejects.toThrow("the process has ended");
  });

  it.each([0, -1, 1.5, "7" as never])("refuses %s for a pid", (pid) => {
    expect(() => procMemory(pid)).toThrow(TypeError);
  });
});

describe("cgroupMemory", () => {
  const V2 = {
    "pods/memory.max": "2000000\n",
    "pods/memory.current": "1\n",
    "pods/c/memory.current": "900000\n",
    "pods/c/memory.max": "max\n",
    "pods/c/memory.stat": "anon 500000\nfile 400000\ninactive_file 300000\nanon_thp 7\n",
    "pods/c/memory.swap.current": "1000\n",
    "pods/c/memory.events": "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n",
  };
  const V1 = {
    "memory.usage_in_bytes": "900000\n",
    "memory.stat":
      "cache 1\nrss 2\ninactive_file 3\nhierarchical_memory_limit 3000000\ntotal_rss 600000\ntotal_swap 5\ntotal_inactive_file 200000\n",
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n",
  };

  it("reads version 2: anonymous memory or the working set, and the lowest limit on the way up", async () => {
    const path = join(folderOf(V2), "pods/c");
    expect(await read(cgroupMemory({ path }))).toEqual({ bytes: 501_000, limitBytes: 2_000_000, resets: 0 });
    expect((await read(cgroupMemory({ path, measure: "workingSet" }))).bytes).toBe(600_000);
  });

  it("reads version 1", async () => {
    const path = folderOf(V1);
    expect(await read(cgroupMemory({ path }))).toEqual({ bytes: 600_005, limitBytes: 3_000_000, resets: 0 });
    expect((await read(cgroupMemory({ path, measure: "workingSet" }))).bytes).toBe(700_000);
  });

  it("takes a limit of all pages there are, and one that no machine has, for none", async () => {
    for (const limit of ["9223372036854771712", String(2 ** 50)]) {
      const path = folderOf({ ...V1, "memory.stat": V1["memory.stat"].replace("3000000", limit) });
      expect((await read(cgroupMemory({ path }))).limitBytes).toBeUndefined();
    }
  });

  it("counts a process killed for want of memory as a restart", async () => {
    const root = folderOf(V2);
    const source = cgroupMemory({ path: join(root, "pods/c") });
    await read(source);
    write(root, { "pods/c/memory.events": "oom_kill 2\n" });
    expect((await read(source)).resets).toBe(1);
  });

  it("says when nothing there accounts for memory", async () => {
    await expect(read(cgroupMemory({ path: folderOf({}) }))).rejects.toThrow(
      "no cgroup that accounts for memory is there",
    );
  });

  it("refuses a path and a pid together", () => {
    expect(() => cgroupMemory({ path: "/x", pid: 1 })).toThrow("cgroupMemory: path and pid exclude each other");
  });
});

describe("dockerMemory", () => {
  const INSPECT = {
    Id: "3f5b",
    State: { Running: true, StartedAt: "2026-01-26T09:00:00Z" },
    HostConfig: { Memory: 4e9 },
  };
  const V2 = {
    read: "2026-01-26T10:00:00.5Z",
    memory_stats: { usage: 3e9, limit: 4e9, stats: { anon: 2e9, inactive_file: 4e8 } },
  };
  const V1 = {
    read: "2026-01-26T10:00:00Z",
    memory_stats: { usage: 3e9, limit: 4e9, stats: { total_rss: 1.5e9, total_inactive_file: 5e8, inactive_file: 1 } },
  };

  async function engine(inspect: object, stats: object) {
    const socketPath = join(folderOf({}), "docker.sock");
    const asked: string[] = [];
    await serve((path) => {
      asked.push(path);
      if (path === "/containers/tfs/json") return { body: inspect };
      return path === "/containers/tfs/stats?stream=false&one-shot=true" ? { body: stats } : undefined;
    }, socketPath);
    return { asked, source: (options = {}) => dockerMemory("tfs", { socketPath, ...options }) };
  }

  it("reads a container on cgroup version 2", async () => {
    const { source } = await engine(INSPECT, V2);
    const timeMs = Date.UTC(2026, 0, 26, 10, 0, 0, 500);
    expect(await read(source())).toEqual({ bytes: 2e9, limitBytes: 4e9, timeMs, resets: 0 });
    expect((await read(source({ measure: "workingSet" }))).bytes).toBe(2.6e9);
  });

  it("reads a container on cgroup version 1", async () => {
    const { source } = await engine(INSPECT, V1);
    expect((await read(source())).bytes).toBe(1.5e9);
    expect((await read(source({ measure: "workingSet" }))).bytes).toBe(2.5e9);
  });

  it("does not take the machine's memory for the container's limit", async () => {
    const { source } = await engine({ ...INSPECT, HostConfig: { Memory: 0 } }, V2);
    expect((await read(source())).limitBytes).toBeUndefined();
  });

  it("counts a new start as a restart", async () => {
    const inspect = structuredClone(INSPECT);
    const { source } = await engine(inspect, V2);
    const one = source();
    await read(one);
    inspect.State.StartedAt = "2026-01-26T11:00:00Z";
    expect((await read(one)).resets).toBe(1);
  });

  it("says when the container does not run, is not there, or tells nothing", async () => {
    const stopped = await engine({ ...INSPECT, State: { Running: false } }, V2);
    await expect(read(stopped.source())).rejects.toThrow("the container does not run");
    const silent = await engine(INSPECT, { read: "0001-01-01T00:00:00Z", memory_stats: {} });
    await expect(read(silent.source())).rejects.toThrow("the engine tells no memory of it");
    const socketPath = join(folderOf({}), "docker.sock");
    await expect(read(dockerMemory("tfs", { socketPath }))).rejects.toThrow("ENOENT");
    await serve(() => undefined, socketPath);
    await expect(read(dockerMemory("tfs", { socketPath }))).rejects.toThrow("answered 404");
  });

  it.each(["", "..", "a/b", "a?b", "%2e"])("refuses %j for a container", (name) => {
    expect(() => dockerMemory(name)).toThrow(TypeError);
  });
});

describe("prometheusMemory", () => {
  const CONTAINER = { labels: { name: "tfserving" } };

  it("reads cAdvisor: one container, its limit, when it was measured, when it was started", async () => {
    let text = page("cadvisor");
    const url = `${await serve(() => ({ body: text }))}/metrics`;
    const source = prometheusMemory(url, {
      metric: "container_memory_working_set_bytes",
      ...CONTAINER,
      limit: { metric: "container_spec_memory_limit_bytes", ...CONTAINER },
    });
    expect(source.name).toBe(url);
    expect(await read(source)).toEqual({
      bytes: 8_589_934_592,
      limitBytes: 34_359_738_368,
      timeMs: 1_769_421_296_123,
      resets: 0,
    });
    text = text.replace("1.769418e+09", "1.769421e+09");
    expect((await read(source)).resets).toBe(1);
  });

  it("reads the kubelet", async () => {
    const url = await serve(() => ({ body: page("kubelet-resource") }));
    const labels = { namespace: "models", pod: "ranker-6d5f9", container: "tfserving" };
    const source = prometheusMemory(url, { metric: "container_memory_working_set_bytes", labels, limit: 16e9 });
    expect(await read(source)).toEqual({
      bytes: 8_589_934_592,
      limitBytes: 16e9,
      timeMs: 1_769_421_291_810,
      resets: 0,
    });
  });

  it("reads a node exporter: what is used is the total less what is available", async () => {
    const url = await serve(() => ({ body: page("node-exporter") }));
    const metric = "node_memory_MemTotal_bytes";
    const source = prometheusMemory(url, {
      metric,
      minus: { metric: "node_memory_MemAvailable_bytes" },
      limit: { metric },
    });
    expect(await read(source)).toEqual({
      bytes: 9_932_111_872,
      limitBytes: 33_554_432_000,
      timeMs: undefined,
      resets: 0,
    });
  });

  it("says that TensorFlow Serving's own page has no memory", async () => {
    const url = await serve(() => ({ body: page("tfserving") }));
    await expect(read(prometheusMemory(url, { metric: "process_resident_memory_bytes" }))).rejects.toThrow(
      'the page has no "process_resident_memory_bytes" with these labels',
    );
  });

  it("takes no one of several series", async () => {
    const url = await serve(() => ({ body: page("cadvisor") }));
    await expect(read(prometheusMemory(url, { metric: "container_memory_working_set_bytes" }))).rejects.toThrow(
      '3 series are "container_memory_working_set_bytes" with these labels: give labels that leave one',
    );
  });

  it("sends headers, asked for each time, and follows no redirect", async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((path, request) => {
      seen.push(request.headers.authorization);
      return path === "/moved" ? { status: 302, body: "" } : { body: "m 5\n" };
    });
    let token = 0;
    const headers = () => ({ authorization: `Bearer ${++token}` });
    await read(prometheusMemory(url, { metric: "m", headers }));
    await expect(read(prometheusMemory(`${url}/moved`, { metric: "m", headers }))).rejects.toThrow("answered 302");
    expect(seen).toEqual(["Bearer 1", "Bearer 2"]);
  });

  it("never names a query or a header", async () => {
    const source = prometheusMemory("http://127.0.0.1:1/metrics?token=hunter2", {
      metric: "m",
      headers: { a: "hunter2" },
    });
    expect(source.name).toBe("http://127.0.0.1:1/metrics");
    const failure = await read(source).catch((error: Error) => error.message);
    expect(failure).toMatch(/^ECONNREFUSED/);
  });

  it.each([
    ["nowhere", { metric: "m" }, "the address must be an address such as http://host:9090/metrics"],
    ["ftp://h/", { metric: "m" }, "the address must begin with http: or https:"],
    ["http://u:hunter2@h/", { metric: "m" }, "the address must not hold user-info: use headers"],
    ["http://h/", { metric: "" }, 'metric must be the name of a metric, got ""'],
    ["http://h/", { metric: "m", labels: { a: 1 } }, "labels.a must be a text, got 1"],
    ["http://h/", { metric: "m", label: {} }, 'no option is called "label"; did you mean "labels"?'],
    ["http://h/", { metric: "m", minus: {} }, "minus.metric must be the name of a metric, got undefined"],
  ])("refuses %s %o", (url, options, message) => {
    expect(() => prometheusMemory(url, options as never)).toThrow(new TypeError(`prometheusMemory: ${message}`));
  });
});

describe("kubernetesMemory", () => {
  const METRICS = {
    timestamp: "2026-01-26T10:00:00Z",
    window: "15.1s",
    containers: [
      { name: "tfserving", usage: { cpu: "100m", memory: "8388608Ki" } },
      { name: "proxy", usage: { cpu: "1m", memory: "20Mi" } },
    ],
  };
  const POD = {
    spec: { containers: [{ name: "tfserving", resources: { limits: { memory: "16Gi" } } }, { name: "proxy" }] },
    status: { containerStatuses: [{ name: "tfserving", containerID: "containerd://1" }] },
  };

  async function cluster(pod: object | null = POD) {
    const seen: (string | undefined)[] = [];
    const apiServer = await serve((path, request) => {
      seen.push(request.headers.authorization);
      if (path === "/apis/metrics.k8s.io/v1beta1/namespaces/models/pods/ranker-1") return { body: METRICS };
      return path === "/api/v1/namespaces/models/pods/ranker-1" && pod ? { body: pod } : { status: 403, body: {} };
    });
    return {
      seen,
      options: { apiServer, namespace: "models", pod: "ranker-1", container: "tfserving", token: async () => "t" },
    };
  }

  it("reads the working set of a container, its limit and when it was measured", async () => {
    const { options, seen } = await cluster();
    const timeMs = Date.UTC(2026, 0, 26, 10);
    expect(await read(kubernetesMemory(options))).toEqual({ bytes: 2 ** 33, limitBytes: 2 ** 34, timeMs, resets: 0 });
    expect(seen).toEqual(["Bearer t", "Bearer t"]);
  });

  it("knows no limit and no restart where the pod may not be read", async () => {
    const { options } = await cluster(null);
    expect(await read(kubernetesMemory(options))).toMatchObject({ bytes: 2 ** 33, limitBytes: undefined, resets: 0 });
  });

  it("counts a new container as a restart", async () => {
    const pod = structuredClone(POD);
    const { options } = await cluster(pod);
    const source = kubernetesMemory(options);
    await read(source);
    pod.status.containerStatuses[0]!.containerID = "containerd://2";
    expect((await read(source)).resets).toBe(1);
  });

  it("asks which container is meant, and says when it is not there", async () => {
    const { options } = await cluster();
    await expect(read(kubernetesMemory({ ...options, container: undefined }))).rejects.toThrow(
      "the pod has 2 containers",
    );
    await expect(read(kubernetesMemory({ ...options, container: "none" }))).rejects.toThrow("no such container");
  });

  it.each(["", "..", "a/b", "A", "a?"])("refuses %j for a pod", (pod) => {
    expect(() => kubernetesMemory({ pod })).toThrow(TypeError);
  });
});

describe("parseQuantity", () => {
  it.each([
    ["131072Ki", 2 ** 27],
    ["1.5Gi", 1.5 * 2 ** 30],
    ["128974848", 128_974_848],
    ["129e6", 129e6],
    ["129M", 129e6],
    ["128974848000m", 128_974_848],
    ["12x", undefined],
    ["-5", undefined],
    ["", undefined],
    [5, undefined],
    ["constructor", undefined],
  ])("%j is %s", (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });
});
