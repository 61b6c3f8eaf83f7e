import { readFileSync } from "node:fs";
import { request } from "node:https";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer, type TestServer } from "../../../src/testing/test-server.ts";
import { failure } from "./raw-calls.ts";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
const UNAVAILABLE = 14;

let server: TestServer;

beforeAll(async () => {
  const tls = { cert: pem("server"), key: pem("server-key"), ca: pem("ca"), clientVerify: true };
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo }, tls });
});

afterAll(() => server.close());

interface Identity {
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const own: Identity = { cert: pem("client"), key: pem("client-key") };

function overGrpc({ cert, key }: Identity): Promise<Buffer> {
  const { host } = new URL(server.grpcAddress.replace("grpcs:", "https:"));
  const secure = credentials.createSsl(pem("ca"), key ?? null, cert ?? null);
  const client = new Client(host, secure, { "grpc.ssl_target_name_override": "localhost" });
  const pass = (bytes: Buffer) => bytes;
  // A request without a model: what comes back is the server's own refusal.
  const path = "/tensorflow.serving.ModelService/GetModelStatus";
  const answer = new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(path, pass, pass, Buffer.alloc(0), new Metadata(), (error, reply) =>
      error ? reject(error) : resolve(reply as Buffer),
    );
  });
  return answer.finally(() => client.close());
}

function overRest(identity: Identity): Promise<number | undefined> {
  const options = { ca: pem("ca"), servername: "localhost", agent: false as const, ...identity };
  return new Promise((resolve, reject) => {
    request(`${server.restAddress}/v1/models/half_plus_two`, options, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    })
      .on("error", reject)
      .end();
  });
}

describe("createTestServer with TLS", () => {
  it("names its addresses by the secure schemes", () => {
    expect(server.grpcAddress).toMatch(/^grpcs:\/\/127\.0\.0\.1:\d+$/);
    expect(server.restAddress).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  });

  it("serves a client with a certificate of its own", async () => {
    expect(await failure(overGrpc(own))).toMatchObject({ details: "Missing ModelSpec" });
    expect(await overRest(own)).toBe(200);
  });

  it("turns away a client without one", async () => {
    expect((await failure(overGrpc({}))).code).toBe(UNAVAILABLE);
    await expect(overRest({})).rejects.toThrow();
  });

  it("ends a connection for a fault that says so", async () => {
    server.inject({ reset: true, times: 2 });
    expect((await failure(overGrpc(own))).code).toBe(UNAVAILABLE);
    await expect(overRest(own)).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});
