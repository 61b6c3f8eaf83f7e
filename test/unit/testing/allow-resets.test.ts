import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGrpcClient } from "../../../src/grpc.ts";
import { createTestServer, type TestServer } from "../../../src/testing/test-server.ts";

const float = { dtype: "float32", shape: [-1] } as const;

/** What Node's HTTP/2 allows by itself, and a few more. */
const CANCELLED = 1_200;
const AT_ONCE = 100;

/** Told once, when as many calls as asked for have come to the model. */
class Arrivals {
  #left = 0;
  #tell = (): void => {};

  wait(count: number): Promise<void> {
    this.#left = count;
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  arrive(): void {
    if (--this.#left === 0) this.#tell();
  }
}

describe("allowResets", () => {
  const arrivals = new Arrivals();
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let server: TestServer;

  beforeAll(async () => {
    server = await createTestServer({
      models: {
        waiting: {
          versions: {
            1: {
              signatures: { serving_default: { inputs: { x: float }, outputs: { y: float } } },
              async predict({ x }) {
                arrivals.arrive();
                await released;
                return { y: x!.data as Float32Array };
              },
            },
          },
        },
      },
    });
  });
  afterAll(() => server.close());

  it("keeps the connection of a client that cancels more calls than Node.js allows", async () => {
    const client = createGrpcClient(server.grpcAddress, { maxRetries: 0 });
    const model = client.model("waiting");
    let arrived = arrivals.wait(1);
    const patient = model.predict({ x: [1] });
    await arrived;
    for (let count = 0; count < CANCELLED; count += AT_ONCE) {
      const abort = new AbortController();
      arrived = arrivals.wait(AT_ONCE);
      const calls = Array.from({ length: AT_ONCE }, () => model.predict({ x: [2] }, { signal: abort.signal }));
      await Promise.race([arrived, patient]);
      abort.abort(new Error("not wanted any more"));
      for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ status: "rejected" });
    }
    release();
    expect((await patient).outputs["y"]?.data).toEqual(Float32Array.of(1));
    await client.close();
  });
});
