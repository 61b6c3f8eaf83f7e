import { describe, expect } from "vitest";
import { CODE_NUMBERS, type Code } from "../../../src/errors/code.ts";
import { responseHead } from "../lab/http1-server.ts";
import { grpcMessage, grpcReply } from "../lab/replies.ts";
import { row } from "../lab/row.ts";

const QUEUE_FULL = "The batch scheduling queue to which this task was submitted is full";
const IN_QUEUE = "Task timeout exceeded while waiting in batching queue";

describe("statuses", () => {
  row(25, "both", "a full batching queue for ever is overload, not a lost connection", async (lab) => {
    const server = await lab.server({
      grpc: { onRequest: (stream) => stream.status(CODE_NUMBERS.UNAVAILABLE, QUEUE_FULL) },
      rest: { onRequest: (exchange) => exchange.error(503, QUEUE_FULL) },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({
      kind: "overloaded",
      code: "UNAVAILABLE",
      rawMessage: QUEUE_FULL,
      retryable: true,
    });
    expect(server.arrivals.of(outcome.call)).toHaveLength(outcome.attempts.length);
  });

  row(26, "both", "a task that ran out of time in the server's queue is overload", async (lab) => {
    const server = await lab.server({
      grpc: { onRequest: (stream) => stream.status(CODE_NUMBERS.RESOURCE_EXHAUSTED, IN_QUEUE) },
      rest: { onRequest: (exchange) => exchange.error(429, IN_QUEUE) },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "overloaded", code: "RESOURCE_EXHAUSTED", retryable: true });
    expect(server.arrivals.of(outcome.call)).toHaveLength(outcome.attempts.length);
  });

  row(27, "both", "a request over our limit is refused before it is sent, with both sizes", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const outcome = await lab.ask(lab.client(server.address, { maxMessageBytes: 10_000 }), { padding: 10_000 });
    expect(outcome.error).toMatchObject({ kind: "too_large", code: "RESOURCE_EXHAUSTED", retryable: false });
    expect(outcome.error?.message).toMatch(/\d{5,}.*10000/);
    expect(server.arrivals.count).toBe(0);
  });

  row(27, "both", "a reply over our limit is refused once, with both sizes", async (lab) => {
    const server = await lab.server({
      grpc: {
        onRequest: (stream) =>
          stream
            .head()
            .data(grpcMessage(Buffer.alloc(20_000)))
            .trailers({ "grpc-status": "0" }),
      },
      rest: { onRequest: (exchange) => exchange.write(responseHead(200, { "content-length": "20000" })) },
    });
    const outcome = await lab.ask(lab.client(server.address, { maxMessageBytes: 10_000 }));
    expect(outcome.error).toMatchObject({ kind: "too_large", code: "RESOURCE_EXHAUSTED", retryable: false });
    expect(outcome.error?.message).toMatch(/20000.*10000/);
    expect(outcome.attempts).toHaveLength(1);
    expect(server.arrivals.of(outcome.call)).toHaveLength(1);
  });

  row(
    28,
    "both",
    "a deadline that the server says has passed is a timeout in its words, and not asked for again",
    async (lab) => {
      const said = "Timed out waiting for notification";
      const server = await lab.server({
        grpc: { onRequest: (stream) => stream.status(CODE_NUMBERS.DEADLINE_EXCEEDED, said) },
        rest: { onRequest: (exchange) => exchange.error(504, said) },
      });
      const outcome = await lab.ask(lab.client(server.address));
      expect(outcome.error).toMatchObject({
        kind: "timeout",
        code: "DEADLINE_EXCEEDED",
        rawMessage: said,
        retryable: false,
      });
      expect(outcome.attempts).toHaveLength(1);
      expect(server.arrivals.of(outcome.call)).toHaveLength(1);
    },
  );

  const NEVER_AGAIN: readonly (readonly [code: Code, kind: string, text: string])[] = [
    ["UNKNOWN", "internal", "something happened"],
    ["INVALID_ARGUMENT", "invalid", "input tensor alias not found in signature: y"],
    ["NOT_FOUND", "not_found", "Servable not found for request: Latest(m)"],
    ["ALREADY_EXISTS", "precondition", "it is there"],
    ["PERMISSION_DENIED", "auth", "not for you"],
    ["FAILED_PRECONDITION", "precondition", "Table not initialized."],
    ["OUT_OF_RANGE", "invalid", "End of sequence"],
    ["UNIMPLEMENTED", "unsupported", "no such method"],
    ["DATA_LOSS", "internal", "Checksum does not match"],
    ["UNAUTHENTICATED", "auth", "who are you"],
  ];
  for (const [code, kind, text] of NEVER_AGAIN) {
    row(29, "grpc", `${code} is asked for once`, async (lab) => {
      const server = await lab.http2({ onRequest: (stream) => stream.status(CODE_NUMBERS[code], text) });
      const outcome = await lab.ask(lab.client(server.address));
      expect(outcome.error).toMatchObject({ code, kind, rawMessage: text, retryable: false });
      expect(outcome.attempts).toHaveLength(1);
      expect(server.arrivals.count).toBe(1);
    });
  }
  for (const status of [400, 401, 403, 404, 405, 409, 411, 413, 414, 418, 431, 499, 500, 501]) {
    for (const speaker of ["server", "proxy"] as const) {
      row(29, "rest", `HTTP ${status} of a ${speaker} is asked for once`, async (lab) => {
        const server = await lab.http1({
          onRequest: (exchange) => {
            if (speaker === "server") exchange.error(status, "something of the model's own");
            else exchange.reply(status, "<html>no</html>", { "content-type": "text/html" });
          },
        });
        const outcome = await lab.ask(lab.client(server.address));
        expect(outcome.error).toBeDefined();
        expect(outcome.error?.retryable).toBe(false);
        expect(outcome.attempts).toHaveLength(1);
        expect(server.arrivals.count).toBe(1);
      });
    }
  }

  row(31, "both", "a clash with other callers' shapes may be asked for again", async (lab) => {
    const said = "Tensors with name 'x' from different tasks have different shapes and padding is turned off.";
    const server = await lab.server({
      grpc: { onRequest: (stream) => stream.status(CODE_NUMBERS.FAILED_PRECONDITION, said) },
      rest: { onRequest: (exchange) => exchange.error(400, said) },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "precondition", code: "FAILED_PRECONDITION", retryable: true });
    expect(server.arrivals.of(outcome.call)).toHaveLength(outcome.attempts.length);
  });

  row(20, "grpc", "a whole answer before a reset with NO_ERROR is the answer", async (lab) => {
    const server = await lab.http2({
      onRequest: (stream) => {
        stream
          .head()
          .data(grpcMessage(grpcReply(stream.call)))
          .trailers({ "grpc-status": "0" });
        stream.reset(0);
      },
    });
    expect((await lab.ask(lab.client(server.address))).error).toBeUndefined();
  });
});
