import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { main } from "../../src/cli/main.ts";
import type { Code } from "../../src/errors/code.ts";
import {
  type ClientEvent,
  type ClientOptions,
  createClient,
  example,
  type ServingClient,
  tensor,
} from "../../src/index.ts";
import { CHANNEL_NAMES } from "../../src/policies/event-channels.ts";
import { createTestServer, echo, type Fault, type InjectedFault, type TestServer } from "../../src/testing.ts";
import { recordOutput } from "../unit/cli/record-output.ts";
import { setUpTelemetry } from "../unit/opentelemetry/telemetry.ts";

/** Stands in for every secret: nothing that a user can see may hold it, in any form. */
const CANARY = "canarySecret7f3a9c51d8";
const FORMS = [
  CANARY,
  Buffer.from(CANARY).toString("base64").replace(/=+$/, ""),
  Buffer.from(CANARY).toString("hex"),
  [...Buffer.from(CANARY)].join(","),
].map((form) => form.toLowerCase());

const WIRES = ["grpc", "rest"] as const;
type Wire = (typeof WIRES)[number];

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), "utf8");

/** Everything that can be seen, as one text. */
class Witness {
  readonly #seen: unknown[] = [];
  readonly #telemetry = setUpTelemetry();
  readonly #unsubscribe: (() => void)[] = [];

  constructor() {
    for (const name of new Set(Object.values(CHANNEL_NAMES))) {
      const listener = (message: unknown) => this.see(message);
      subscribe(name, listener);
      this.#unsubscribe.push(() => unsubscribe(name, listener));
    }
  }

  readonly see = (...values: unknown[]): void => {
    this.#seen.push(...values);
  };

  get options(): ClientOptions {
    const write = (message: string, fields?: unknown) => this.see(message, fields);
    return {
      logger: { debug: write, info: write, warn: write, error: write },
      onEvent: (event: ClientEvent) => this.see(event),
      onResponse: (info) => this.see(info),
      instrumentation: this.#telemetry.instrumentation,
    };
  }

  /** Waits for what must fail, and looks at the failure from all sides. */
  async failureOf(work: () => unknown): Promise<void> {
    let failed: unknown;
    try {
      await work();
    } catch (error) {
      failed = error;
    }
    expect(failed).toBeInstanceOf(Error);
    for (let error = failed; error instanceof Error; error = error.cause) {
      this.see(error, error.message, error.stack, String(error), JSON.stringify(error), { ...error });
    }
  }

  async hits(): Promise<string[]> {
    for (const undo of this.#unsubscribe.splice(0)) undo();
    const spans = this.#telemetry
      .spans()
      .map(({ name, attributes, events, status }) => [name, attributes, events, status]);
    const durations = await this.#telemetry.points("rpc.client.call.duration");
    expect(this.#seen.length).toBeGreaterThan(0);
    return [...this.#seen, ...spans, ...durations].filter(holdsCanary).map((value) => inspect(value, { depth: 3 }));
  }
}

function holdsCanary(value: unknown): boolean {
  const text = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    getters: true,
    maxArrayLength: Number.POSITIVE_INFINITY,
    maxStringLength: Number.POSITIVE_INFINITY,
    breakLength: Number.POSITIVE_INFINITY,
  })
    .toLowerCase()
    .replaceAll(/(?<=[0-9a-f]) (?=[0-9a-f]{2})|(?<=,)\s/g, "");
  return FORMS.some((form) => text.includes(form));
}

/** Puts the canary everywhere a secret can stand. */
const SECRETS: ClientOptions = {
  auth: async () => `Bearer ${CANARY}`,
  headers: { "x-api-key": CANARY },
  maxRetries: 1,
  retry: { baseDelayMs: 1 },
  middleware: [(call, next) => next({ ...call, headers: { ...call.headers, "x-signed": CANARY } })],
};
const REQUEST = {
  model: "echo",
  signatureName: "string",
  inputs: { x: tensor.string([CANARY, Buffer.from(CANARY)]) },
};
const CALL = { headers: { cookie: CANARY } };

const ASK: Readonly<Record<string, (client: ServingClient) => Promise<unknown>>> = {
  predict: (client) => client.predict(REQUEST, CALL),
  classify: (client) => client.classify({ model: "echo", examples: [{ secret: CANARY }] }, CALL),
  regress: (client) => client.regress({ model: "echo", examples: [example({ secret: CANARY })] }, CALL),
  getModelMetadata: (client) => client.getModelMetadata({ model: "absent" }, CALL),
  getModelStatus: (client) => client.getModelStatus({ model: "absent" }, CALL),
  "predict of a handle": (client) => client.model("echo", { signatureName: "float32" }).predict({ x: [CANARY] }, CALL),
};

let server: TestServer;
const injected: InjectedFault[] = [];

function inject(fault: Fault): InjectedFault {
  const armed = server.inject(fault);
  injected.push(armed);
  return armed;
}

beforeAll(async () => {
  server = await createTestServer({ models: { echo } });
});
afterAll(() => server.close());

const addressOf = (wire: Wire) => (wire === "grpc" ? server.grpcAddress : server.restAddress);

async function witnessed(
  wire: Wire,
  work: (client: ServingClient, witness: Witness) => Promise<void>,
  { address = addressOf(wire), ...options }: ClientOptions & { readonly address?: string } = {},
): Promise<void> {
  const witness = new Witness();
  const client = createClient(address, { ...SECRETS, ...witness.options, ...options });
  try {
    await work(client, witness);
  } finally {
    for (const fault of injected.splice(0)) fault.remove();
    await client.close();
  }
  expect(await witness.hits()).toEqual([]);
}

describe("the search for the canary", () => {
  it.each<[string, unknown]>([
    ["a text", `x ${CANARY} y`],
    ["upper case", CANARY.toUpperCase()],
    ["base64", { deep: { deeper: [Buffer.from(CANARY).toString("base64")] } }],
    ["bytes", new Error("x", { cause: { bytes: Buffer.from(`..${CANARY}..`) } })],
    ["an array of bytes", Uint8Array.from(Buffer.from(CANARY))],
    ["hidden properties", Object.defineProperty({}, "secret", { value: CANARY, enumerable: false })],
  ])("finds it in %s", (_form, value) => {
    expect(holdsCanary(value)).toBe(true);
  });
});

describe.each(WIRES)("no secret is seen over %s", (wire) => {
  it("in the events and log lines of a call that goes well", () =>
    witnessed(wire, async (client, witness) => {
      await client.predict(REQUEST, CALL);
      witness.see("went well");
      // It was there to be seen.
      expect(server.calls.at(-1)?.headers).toMatchObject({
        authorization: `Bearer ${CANARY}`,
        "x-api-key": CANARY,
        "x-signed": CANARY,
        cookie: CANARY,
      });
    }));

  it.each<Code>(["INVALID_ARGUMENT", "UNAUTHENTICATED", "UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL"])(
    "where the server answers %s",
    (code) =>
      witnessed(wire, async (client, witness) => {
        inject({ code, message: "no" });
        for (const ask of Object.values(ASK)) await witness.failureOf(() => ask(client));
      }),
  );

  it("where the request is wrong, or asks for what is not there", () =>
    witnessed(wire, async (client, witness) => {
      const wrong = [
        { ...REQUEST, inputs: { x: [[CANARY], [CANARY, CANARY]] } },
        { ...REQUEST, inputs: { x: [CANARY, 1] } },
        { ...REQUEST, inputs: { x: { data: [CANARY], shape: [2], dtype: "string" } } },
        { ...REQUEST, inputs: { x: Symbol(CANARY) } },
        { ...REQUEST, inputs: { x: new Date(), y: CANARY } },
        { ...REQUEST, version: 99 },
        { ...REQUEST, inputs: CANARY },
      ];
      for (const request of wrong) await witness.failureOf(() => client.predict(request as never, CALL));
      for (const inputs of [{ x: [CANARY] }, { x: CANARY }, { x: [[CANARY], []] }, { y: CANARY }]) {
        await witness.failureOf(() => client.model("echo", { signatureName: "float32" }).predict(inputs, CALL));
      }
      await witness.failureOf(() => client.classify({ model: "echo", examples: [{ a: [CANARY, 1] as never }] }));
      await witness.failureOf(() => client.classify({ model: "echo", examples: CANARY as never }));
    }));

  it("where a header or a credential cannot travel", async () => {
    await witnessed(wire, async (client, witness) => {
      for (const headers of [{ "x-key": `${CANARY}\r\n` }, { "x-key": { token: CANARY } }, { "x-key": [CANARY] }]) {
        await witness.failureOf(() => client.predict(REQUEST, { headers: headers as never }));
      }
      await witness.failureOf(() => client.predict(REQUEST, { headers: CANARY as never }));
    });
    for (const answer of [`${CANARY}\n`, { token: CANARY }, [CANARY]]) {
      await witnessed(wire, (client, witness) => witness.failureOf(() => client.predict(REQUEST)), {
        auth: (async () => answer) as never,
      });
    }
  });

  it("where the connection is refused, reset, silent, or cut by the caller", async () => {
    await witnessed(wire, async (client, witness) => {
      const reset = inject({ reset: true });
      await witness.failureOf(() => client.predict(REQUEST, CALL));
      reset.remove();
      inject({ hang: true });
      await witness.failureOf(() => client.predict(REQUEST, { ...CALL, timeoutMs: 40 }));
      await witness.failureOf(() => client.predict(REQUEST, { ...CALL, attemptTimeoutMs: 20, timeoutMs: 200 }));
      const controller = new AbortController();
      setImmediate(() => controller.abort());
      await client.predict(REQUEST, { ...CALL, signal: controller.signal }).catch((error) => witness.see(error));
    });
    const gone = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => gone.once("listening", resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const address = `${wire === "grpc" ? "grpc" : "http"}://127.0.0.1:${port}`;
    await witnessed(wire, (client, witness) => witness.failureOf(() => client.predict(REQUEST, CALL)), { address });
  });

  it("where the peer speaks something else, or a message is too large, or the client is closed", async () => {
    const other = new URL(addressOf(wire === "grpc" ? "rest" : "grpc").replace(/^grpc/, "http"));
    const address = `${wire === "grpc" ? "grpc" : "http"}://${other.host}`;
    await witnessed(wire, (client, witness) => witness.failureOf(() => client.predict(REQUEST, CALL)), { address });
    await witnessed(
      wire,
      async (client, witness) => {
        await witness.failureOf(() => client.predict(REQUEST, CALL));
        await client.close();
        await witness.failureOf(() => client.predict(REQUEST, CALL));
      },
      { maxMessageBytes: 10 },
    );
  });

  it("where TLS fails, with a key that is one and with one that is none", async () => {
    const secure = await createTestServer({
      models: { echo },
      tls: { cert: pem("server"), key: pem("server-key") },
    });
    const address = secure.grpcAddress.replace(/^grpcs?/, wire === "grpc" ? "grpcs" : "https");
    const secretLine = pem("client-key").split("\n")[3]!;
    for (const tls of [
      { ca: pem("other-ca"), cert: pem("client"), key: pem("client-key") },
      {
        ca: pem("ca"),
        cert: pem("client"),
        key: `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`,
      },
    ]) {
      const witness = new Witness();
      await witness.failureOf(async () => {
        await using client = createClient(address, { ...SECRETS, ...witness.options, tls });
        await client.predict(REQUEST, CALL);
      });
      witness.see({ key: "looked for" });
      expect(await witness.hits()).toEqual([]);
      expect(inspect(witness, { depth: 20, showHidden: true })).not.toContain(secretLine);
    }
    await secure.close();
  });
});

describe("no secret is seen in a mistake", () => {
  it.each<[string, () => unknown]>([
    ["user-info in an address", () => createClient(`grpc://user:${CANARY}@localhost:8500`)],
    ["user-info in a REST address", () => createClient(`https://${CANARY}@localhost/prefix`)],
    ["user-info in a list", () => createClient([`grpc://u:${CANARY}@a`, "grpc://b"])],
    ["user-info behind a wrong scheme", () => createClient(`ftp://u:${CANARY}@h`)],
    ["auth of a wrong type", () => createClient("grpc://localhost", { auth: { token: CANARY } as never })],
    ["auth that cannot travel", () => createClient("grpc://localhost", { auth: `${CANARY}\n` })],
    ["auth over plain text", () => createClient("grpc://example.test", { auth: CANARY })],
    [
      "auth beside the header",
      () => createClient("grpc://localhost", { auth: CANARY, headers: { authorization: CANARY } }),
    ],
    ["a header of a wrong type", () => createClient("grpc://localhost", { headers: { a: [CANARY] as never } })],
    ["a header that cannot travel", () => createClient("grpc://localhost", { headers: { a: `${CANARY}\n` } })],
    ["headers that are none", () => createClient("grpc://localhost", { headers: CANARY as never })],
    ["a cookie over plain text", () => createClient("http://example.test", { headers: { cookie: CANARY } })],
    ["a key without its certificate", () => createClient("grpcs://localhost", { tls: { key: CANARY } })],
    ["a key of a wrong type", () => createClient("grpcs://localhost", { tls: { key: { pem: CANARY } as never } })],
    ["TLS without TLS", () => createClient("grpc://localhost", { tls: { key: CANARY, cert: CANARY } })],
    ["TLS that is none", () => createClient("grpcs://localhost", { tls: CANARY as never })],
    ["a tensor that does not fit", () => tensor.float32([CANARY, 1] as never)],
    ["a ragged tensor", () => tensor.string([[CANARY], [CANARY, CANARY]] as never)],
  ])("%s", async (_mistake, make) => {
    const witness = new Witness();
    await witness.failureOf(make);
    expect(await witness.hits()).toEqual([]);
  });
});

describe("no secret is seen on the command line", () => {
  it.each<[string, (address: string) => string[], ("bad address" | undefined)?]>([
    ["an address with user-info", () => ["status", `http://u:${CANARY}@localhost:1`, "-m", "echo"]],
    ["TFS_ADDRESS with user-info", () => ["status", "-m", "echo"], "bad address"],
    [
      "a prediction that the server refuses",
      (address) => ["predict", address, "-m", "absent", "-i", `x=["${CANARY}"]`, "--json"],
    ],
    [
      "a prediction that does not fit",
      (address) => ["predict", address, "-m", "echo", "--signature", "float32", "-i", `x=["${CANARY}"]`],
    ],
    [
      "a health check that fails",
      (address) => ["health", address, "-m", "echo", "--signature", "float32", "-i", `x=["${CANARY}"]`, "--json"],
    ],
    ["nobody there", () => ["predict", "http://127.0.0.1:1", "-m", "echo", "-i", `x=["${CANARY}"]`]],
  ])("%s", async (_case, args, env) => {
    if (env !== undefined) vi.stubEnv("TFS_ADDRESS", `http://u:${CANARY}@localhost:1`);
    const witness = new Witness();
    const { output, out, complaints } = recordOutput();
    const code = await main(args(server.restAddress), output);
    vi.unstubAllEnvs();
    witness.see(out());
    witness.see(complaints());
    expect(code).not.toBe(0);
    expect(await witness.hits()).toEqual([]);
  });
});
