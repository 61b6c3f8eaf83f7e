import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { readMemorySource } from "../../../src/cli/memory-option.ts";

describe("readMemorySource", () => {
  it.each([
    [`pid:${process.pid}`, `${process.pid}`],
    ["cgroup:/sys/fs/cgroup/serving", "/sys/fs/cgroup/serving"],
    [`cgroup:${process.pid}`, `${process.pid}`],
    ["docker:serving", "serving"],
    ["kubernetes:serving-0", "serving-0"],
    ["kubernetes:prod/serving-0/main", "serving-0"],
    ["prometheus:http://localhost:9100/metrics#node_memory_Active_bytes", "http://localhost:9100/metrics"],
  ])("makes a source of %s", (text, part) => {
    expect(readMemorySource(text).name).toContain(part);
  });

  it("chooses the series of a Prometheus page by name and labels", async () => {
    const page = 'm{pod="a,\\"b\\"",zone="1"} 1\nm{pod="a,\\"b\\"",zone="2"} 2\nm{pod="c",zone="2"} 3\n';
    const server = createServer((_request, response) => response.end(page)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const source = readMemorySource(`prometheus:http://127.0.0.1:${port}/#m{pod="a,\\"b\\"", zone="2"}`);
    try {
      expect(await source.read({ signal: AbortSignal.timeout(10_000) })).toMatchObject({ bytes: 2 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it.each([
    ["1234", "a source is written pid:…, cgroup:…"],
    ["memory:1", "a source is written pid:…"],
    ["toString:1", "a source is written pid:…"],
    ["pid:", "a source is written pid:…"],
    ["pid:x", "a process id is a whole number from 1."],
    ["pid:0", "a process id is a whole number from 1."],
    ["kubernetes:a/b/c/d", "kubernetes:[NAMESPACE/]POD[/CONTAINER]"],
    ["prometheus:http://localhost/metrics", "prometheus:URL#METRIC"],
    ["prometheus:http://localhost/metrics#{}", "a series is written"],
    ["prometheus:http://localhost/metrics#m{a=b}", 'a label is written LABEL="VALUE", found a=b'],
    ["prometheus:localhost#m", "http"],
  ])("refuses %s", (text, message) => {
    expect(() => readMemorySource(text)).toThrow(InvalidArgumentError);
    expect(() => readMemorySource(text)).toThrow(message);
  });
});
