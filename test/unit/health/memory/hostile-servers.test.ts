import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { dockerMemory } from "../../../../src/health/memory/docker-memory.ts";
import { kubernetesMemory } from "../../../../src/health/memory/kubernetes-memory.ts";
import { MemoryReader } from "../../../../src/health/memory/memory-reader.ts";
import type { MemorySource } from "../../../../src/health/memory/memory-source.ts";
import { prometheusMemory } from "../../../../src/health/memory/prometheus-memory.ts";
import { FakeClock, settle } from "../fake-serving.ts";

const pem = (name: string) => readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url));
const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Answer = (response: ServerResponse, path: string) => void;

/** Opens servers, counts what they are asked, and ends with their connections. */
async function listen(server: Server, ...where: [number, string] | [string]): Promise<Server> {
  closers.push(() => new Promise((done) => server.close(done)));
  closers.push(() => server.closeAllConnections());
  await new Promise<void>((done) => (server as { listen(...args: unknown[]): void }).listen(...where, done));
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const never = new AbortController().signal;

/** Each source in front of a server that answers as it is told. */
const SOURCES: readonly (readonly [name: string, open: (answer: Answer) => Promise<MemorySource>])[] = [
  [
    "dockerMemory",
    async (answer) => {
      const folder = mkdtempSync(join(tmpdir(), "tfserving-docker-"));
      closers.push(() => rmSync(folder, { recursive: true, force: true }));
      const socketPath = join(folder, "docker.sock");
      await listen(
        createServer((request, response) => answer(response, request.url ?? "")),
        socketPath,
      );
      return dockerMemory("tfs", { socketPath });
    },
  ],
  [
    "kubernetesMemory",
    async (answer) => {
      const server = await listen(
        createServer((request, response) => answer(response, request.url ?? "")),
        0,
        "127.0.0.1",
      );
      const apiServer = `http://127.0.0.1:${portOf(server)}`;
      return kubernetesMemory({ apiServer, namespace: "models", pod: "ranker", token: "hunter2" });
    },
  ],
  [
    "prometheusMemory",
    async (answer) => {
      const server = await listen(
        createServer((request, response) => answer(response, request.url ?? "")),
        0,
        "127.0.0.1",
      );
      const headers = { authorization: "Bearer hunter2" };
      return prometheusMemory(`http://127.0.0.1:${portOf(server)}/metrics`, { metric: "m", headers });
    },
  ],
];

describe.each(SOURCES)("%s, of a server that means no good,", (_name, open) => {
  const failure = async (answer: Answer) => {
    const source = await open(answer);
    const error = await source.read({ signal: never }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).not.toContain("hunter2");
    return error?.message;
  };

  it("gives up a body without end", async () => {
    let sent = 0;
    const message = await failure((response) => {
      const chunk = Buffer.alloc(1 << 20, 0x20);
      const flood = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on("drain", flood);
      flood();
    });
    expect(message).toMatch(/longer than 4194304 bytes|parts of the page could not be read/);
    // What lies in buffers on the way comes on top.
    expect(sent).toBeLessThan(128 << 20);
  });

  it("follows no redirect, and so tells nobody else its token", async () => {
    let asked = 0;
    const elsewhere = await listen(
      createServer((_request, response) => {
        asked++;
        response.end();
      }),
      0,
      "127.0.0.1",
    );
    const location = `http://127.0.0.1:${portOf(elsewhere)}/`;
    expect(await failure((response) => response.writeHead(302, { location }).end())).toBe("answered 302");
    expect(asked).toBe(0);
  });

  it.each([401, 403, 404, 429, 500, 503])("says %d, and nothing of the body", async (status) => {
    const message = await failure((response) => response.writeHead(status).end("\u001b[31mhunter2"));
    expect(message).toBe(`answered ${status}`);
  });

  it.each([
    ["a page", "<html><body>Welcome</body></html>"],
    ["nothing", ""],
    ["JSON nested deep", "[".repeat(1_000_000)],
    ["JSON of another kind", '{"containers": 5, "memory_stats": [], "__proto__": {"usage": 1}}'],
    ["a number", "12"],
    ["null", "null"],
    ["bytes", Buffer.alloc(1_000, 0xff)],
  ])("finds no memory in %s", async (_what, body) => {
    const message = await failure((response) => response.writeHead(200, { "content-type": "text/html" }).end(body));
    expect(message).toMatch(/no JSON|does not run|tells no memory|has 0 containers|no "m" with these labels/);
  });

  it("believes no reply that is cut", async () => {
    const message = await failure((response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"containers": [', () => response.destroy());
    });
    expect(message).toMatch(/ECONNRESET|the answer was cut/);
  });

  it.each<[string, Answer]>([
    ["says nothing", () => {}],
    ["stops in the middle", (response) => response.writeHead(200).write("{")],
    [
      "drips",
      (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(" "), 5);
        response.on("close", () => clearInterval(timer));
      },
    ],
  ])("is given up in time by what reads it when the server %s, and its connection closed", async (_what, answer) => {
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    let answered = () => {};
    const isAnswered = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const source = await open((response, path) => {
      response.on("close", closed);
      answer(response, path);
      answered();
    });
    const clock = new FakeClock();
    const sample = new MemoryReader(source, clock).read();
    await isAnswered;
    await settle();
    clock.advance(5_000);
    expect(await sample).toMatchObject({ ok: false, reason: expect.stringContaining("no answer within 5000 ms") });
    await isClosed;
  });
});

describe("a memory source of a server that speaks no HTTP", () => {
  const mail = () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      // Read on, or its end would not be seen.
      socket.resume().end("220 mail ESMTP\r\n");
    });
    closers.push(() => new Promise((done) => server.close(done)));
    return server;
  };

  it("says so, over a unix socket", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tfserving-docker-"));
    closers.push(() => rmSync(folder, { recursive: true, force: true }));
    const socketPath = join(folder, "docker.sock");
    await new Promise<void>((done) => mail().listen(socketPath, done));
    await expect(dockerMemory("tfs", { socketPath }).read({ signal: never })).rejects.toThrow(/HPE_|ECONNRESET|EPIPE/);
  });

  it("says so, over TCP", async () => {
    const server = mail();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const source of [
      kubernetesMemory({ apiServer: address, namespace: "models", pod: "ranker", token: "hunter2" }),
      prometheusMemory(address, { metric: "m" }),
    ]) {
      await expect(source.read({ signal: never })).rejects.toThrow(/HPE_|ECONNRESET|EPIPE/);
    }
  });
});

describe("dockerMemory of an engine as it answers", () => {
  const INSPECT = {
    Id: "3f5bd0a1c9",
    State: { Status: "running", Running: true, Pid: 4711, StartedAt: "2026-01-26T09:00:00.123456789Z" },
    HostConfig: { Memory: 0 },
  };
  const STATS = {
    name: "/tfs",
    id: "3f5bd0a1c9",
    read: "2026-01-26T10:00:00.987654321Z",
    preread: "0001-01-01T00:00:00Z",
    num_procs: 0,
    cpu_stats: { online_cpus: 8 },
    memory_stats: { usage: 3e9, stats: { anon: 2e9, file: 9e8, inactive_file: 4e8, oom_kill: 0 }, limit: 33e9 },
  };

  /** In pieces, with the headers of the engine. */
  const answers = (byPath: Readonly<Record<string, readonly [status: number, body: object]>>): Answer => {
    return (response, path) => {
      const [status, body] = byPath[path] ?? [404, { message: "page not found" }];
      const text = `${JSON.stringify(body)}\n`;
      response.writeHead(status, {
        "api-version": "1.51",
        "content-type": "application/json",
        "docker-experimental": "false",
        ostype: "linux",
        server: "Docker/28.5.1 (linux)",
      });
      response.write(text.slice(0, 20));
      setImmediate(() => response.end(text.slice(20)));
    };
  };
  const [, open] = SOURCES[0]!;

  it("reads the memory, with the engine's nanoseconds as milliseconds, and takes the machine's for no limit", async () => {
    const source = await open(
      answers({
        "/containers/tfs/json": [200, INSPECT],
        "/containers/tfs/stats?stream=false&one-shot=true": [200, STATS],
      }),
    );
    expect(await source.read({ signal: never })).toEqual({
      bytes: 2e9,
      limitBytes: undefined,
      timeMs: Date.UTC(2026, 0, 26, 10, 0, 0, 987),
      resets: 0,
    });
  });

  it("says that there is no such container, and that one has ended", async () => {
    const none = await open(answers({}));
    await expect(none.read({ signal: never })).rejects.toThrow("answered 404");
    const ended = await open(
      answers({
        "/containers/tfs/json": [200, { ...INSPECT, State: { Status: "exited", Running: false, ExitCode: 137 } }],
        "/containers/tfs/stats?stream=false&one-shot=true": [
          200,
          { ...STATS, read: "0001-01-01T00:00:00Z", memory_stats: {} },
        ],
      }),
    );
    await expect(ended.read({ signal: never })).rejects.toThrow("the container does not run");
  });
});

describe("kubernetesMemory over TLS", () => {
  const METRICS = {
    kind: "PodMetrics",
    timestamp: "2026-01-26T10:00:00Z",
    window: "15s",
    containers: [{ name: "tfserving", usage: { cpu: "100m", memory: "2Gi" } }],
  };

  async function cluster() {
    const seen: (string | undefined)[] = [];
    const server = await listen(
      createSecureServer({ key: pem("server-key"), cert: pem("server") }, (request, response) => {
        seen.push(request.headers.authorization);
        const allowed = request.headers.authorization === "Bearer hunter2";
        const isMetrics = request.url?.startsWith("/apis/metrics.k8s.io/");
        const [status, body] = !allowed ? [401, {}] : isMetrics ? [200, METRICS] : [403, { reason: "Forbidden" }];
        response.writeHead(status as number, { "content-type": "application/json" }).end(JSON.stringify(body));
      }),
      0,
      "127.0.0.1",
    );
    const options = { apiServer: `https://127.0.0.1:${portOf(server)}`, namespace: "models", pod: "ranker" };
    return { seen, options };
  }

  it("reads with the cluster's CA and a token that is asked for each time", async () => {
    const { seen, options } = await cluster();
    let asked = 0;
    const token = () => {
      asked++;
      return "hunter2";
    };
    const source = kubernetesMemory({ ...options, token, ca: pem("ca") });
    expect(await source.read({ signal: never })).toMatchObject({ bytes: 2 ** 31, limitBytes: undefined });
    await source.read({ signal: never });
    expect(asked).toBe(2);
    expect(new Set(seen)).toEqual(new Set(["Bearer hunter2"]));
  });

  it("sends no token to a server that it does not know", async () => {
    const { seen, options } = await cluster();
    for (const ca of [undefined, pem("other-ca")]) {
      const source = kubernetesMemory({ ...options, token: "hunter2", ca });
      await expect(source.read({ signal: never })).rejects.toThrow(/UNABLE_TO_VERIFY|SELF_SIGNED|certificate/);
    }
    expect(seen).toEqual([]);
  });

  it("says 401 for a wrong token, and the token never", async () => {
    const { options } = await cluster();
    const source = kubernetesMemory({ ...options, token: "hunter3", ca: pem("ca") });
    await expect(source.read({ signal: never })).rejects.toThrow(/^answered 401$/);
  });

  it("sends no header that a token would break", async () => {
    const { seen, options } = await cluster();
    const source = kubernetesMemory({ ...options, token: "hunter2\r\nx-evil: 1", ca: pem("ca") });
    const error: Error = await source.read({ signal: never }).then(
      () => new Error("was read"),
      (thrown: Error) => thrown,
    );
    expect(error.message).not.toContain("hunter2");
    expect(error.message).not.toBe("was read");
    expect(seen).toEqual([]);
  });
});
