import { describe, expect } from "vitest";
import { H2_ERROR, SETTING } from "../lab/http2-frames.ts";
import type { Http2Stream } from "../lab/http2-server.ts";
import { SHORT_TIMEOUT_MS } from "../lab/laboratory.ts";
import { grpcMessage, grpcReply } from "../lab/replies.ts";
import { row } from "../lab/row.ts";

describe("HTTP/2", () => {
  row(
    16,
    "grpc",
    "GOAWAY NO_ERROR lets the call in flight end well, and new ones take a new connection",
    async (lab) => {
      const server = await lab.http2({
        onRequest: (stream) => {
          if (stream.connection.number === 1) stream.connection.goaway(stream.id, H2_ERROR.NO_ERROR);
          stream.answer();
        },
      });
      const client = lab.client(server.address);
      for (let n = 0; n < 5; n++) {
        const outcome = await lab.ask(client);
        expect(outcome.error).toBeUndefined();
        expect(outcome.attempts).toHaveLength(1);
      }
      expect(server.accepted).toBe(2);
      expect(server.arrivals.count).toBe(5);
    },
  );

  row(17, "grpc", "GOAWAY below our stream sends the call again, counted once", async (lab) => {
    const server = await lab.http2({
      onRequest: (stream) => {
        if (stream.connection.number === 1) stream.connection.goaway(0, H2_ERROR.NO_ERROR);
        else stream.answer();
      },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toBeUndefined();
    expect(outcome.attempts).toHaveLength(1);
    expect(server.arrivals.of(outcome.call)).toHaveLength(1);
    expect(server.arrivals.count).toBe(2);
  });

  row(18, "grpc", "GOAWAY ENHANCE_YOUR_CALM for ever is overload", async (lab) => {
    const server = await lab.http2({
      onRequest: (stream) => stream.connection.goaway(stream.id, H2_ERROR.ENHANCE_YOUR_CALM, "too_many_pings"),
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "overloaded", retryable: true });
    expect(outcome.attempts).toHaveLength(2);
  });

  row(19, "grpc", "a stream refused once is answered", async (lab) => {
    const server = await lab.http2({
      onRequest: (stream) => {
        if (server.arrivals.count === 1) stream.reset(H2_ERROR.REFUSED_STREAM);
        else stream.answer();
      },
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toBeUndefined();
    expect(server.arrivals.of(outcome.call)).toHaveLength(1);
  });

  row(19, "grpc", "streams refused for ever are unavailable", async (lab) => {
    const server = await lab.http2({ onRequest: (stream) => stream.reset(H2_ERROR.REFUSED_STREAM) });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "unavailable", code: "UNAVAILABLE", retryable: true });
    expect(server.arrivals.of(outcome.call)).toHaveLength(0);
  });

  /** What may come of a reset with each code, at whatever phase. The peer's CANCEL is no cancellation of ours. */
  const kinds: Readonly<Record<number, readonly string[]>> = {
    0: ["truncated", "protocol", "unavailable"],
    1: ["protocol"],
    2: ["internal"],
    3: ["protocol"],
    4: ["unavailable"],
    5: ["unavailable"],
    6: ["protocol"],
    7: ["unavailable"],
    8: ["unavailable"],
    9: ["protocol"],
    10: ["unavailable"],
    11: ["overloaded"],
    12: ["tls"],
    13: ["protocol"],
  };
  const phases: Readonly<Record<string, (stream: Http2Stream) => void>> = {
    "before headers": () => {},
    "after headers": (stream) => void stream.head(),
    "during data": (stream) => void stream.head().data(grpcMessage(grpcReply(stream.call)).subarray(0, 9)),
    "after data": (stream) => void stream.head().data(grpcMessage(grpcReply(stream.call))),
  };
  for (const [phase, before] of Object.entries(phases)) {
    row(20, "grpc", `RST_STREAM 0 to 13 ${phase} each has its meaning, and none is a cancellation`, async (lab) => {
      let code = 0;
      const server = await lab.http2({
        onRequest: (stream) => {
          before(stream);
          stream.reset(code);
        },
      });
      const client = lab.client(server.address, { timeoutMs: 20_000 });
      const found: Record<number, string | undefined> = {};
      for (code = 0; code <= 13; code++) {
        const { error } = await lab.ask(client);
        found[code] = error?.kind;
        expect(error?.code, `code ${code}`).not.toBe("CANCELLED");
        expect(kinds[code], `code ${code}`).toContain(error?.kind);
      }
      expect(Object.keys(found)).toHaveLength(14);
    });
  }

  row(21, "grpc", "50 calls over one stream at a time are all answered", async (lab) => {
    const server = await lab.http2({
      greet: (connection) => connection.greet([[SETTING.MAX_CONCURRENT_STREAMS, 1]]),
    });
    const client = lab.client(server.address);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => lab.ask(client)));
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(server.arrivals.count).toBe(50);
  });

  row(
    21,
    "grpc",
    "waiting for a stream counts against the deadline, and what was given up never comes",
    async (lab) => {
      const taken: Http2Stream[] = [];
      const server = await lab.http2({
        greet: (connection) => connection.greet([[SETTING.MAX_CONCURRENT_STREAMS, 1]]),
        onRequest: (stream) => {
          taken.push(stream);
          if (taken.length > 1) stream.answer();
        },
      });
      const client = lab.client(server.address);
      const first = lab.ask(client);
      await lab.until(() => taken.length === 1);
      const given = await Promise.all([lab.ask(client, { timeoutMs: 150 }), lab.ask(client, { timeoutMs: 200 })]);
      expect(given.map(({ error }) => error?.kind)).toEqual(["timeout", "timeout"]);
      taken[0]!.answer();
      expect((await first).error).toBeUndefined();
      expect((await lab.ask(client)).error).toBeUndefined();
      expect(taken.map(({ call }) => call)).toEqual([1, 4]);
      expect(server.arrivals.count).toBe(2);
    },
  );

  row(22, "grpc", "a server that allows no stream is a timeout at the deadline", async (lab) => {
    const server = await lab.http2({
      greet: (connection) => connection.greet([[SETTING.MAX_CONCURRENT_STREAMS, 0]]),
    });
    const outcome = await lab.ask(lab.client(server.address), { timeoutMs: SHORT_TIMEOUT_MS });
    expect(outcome.error).toMatchObject({ kind: "timeout", code: "DEADLINE_EXCEEDED" });
    expect(server.arrivals.count).toBe(0);
  });

  row(24, "grpc", "UNAVAILABLE after response headers is unavailable", async (lab) => {
    const server = await lab.http2({
      onRequest: (stream) => stream.head().trailers({ "grpc-status": "14", "grpc-message": "going away" }),
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "unavailable", rawMessage: "going away", retryable: true });
  });

  for (const status of ["abc", "99", "-1", "17"]) {
    row(32, "grpc", `grpc-status ${status} is no status of gRPC`, async (lab) => {
      const server = await lab.http2({ onRequest: (stream) => stream.status(status, "whatever") });
      const outcome = await lab.ask(lab.client(server.address));
      expect(outcome.error).toMatchObject({ kind: "protocol", retryable: false });
      expect(outcome.attempts).toHaveLength(1);
      expect(server.arrivals.of(outcome.call)).toHaveLength(1);
    });
  }

  row(32, "grpc", "a reply without grpc-status is against the protocol", async (lab) => {
    const server = await lab.http2({ onRequest: (stream) => stream.head().trailers({ "x-nothing": "here" }) });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "protocol", retryable: false });
    expect(outcome.attempts).toHaveLength(1);
  });

  for (const size of [30_000, 60_000, 200_000]) {
    row(33, "grpc", `a grpc-message of ${size} bytes is kept to 2 KiB`, async (lab) => {
      const server = await lab.http2({
        onRequest: (stream) => {
          // More than a frame may hold goes on in another one.
          stream.longStatus(13, "x".repeat(size));
        },
      });
      const outcome = await lab.ask(lab.client(server.address));
      expect(outcome.error).toBeDefined();
      expect(outcome.error!.message.length).toBeLessThan(2_100);
    });
  }

  for (const [name, message] of [
    ["bad percent signs", "100%, 50%2, %zz, %"],
    ["line ends", "one%0D%0Atwo%0Athree"],
    ["terminal escapes", "%1b[31mred%1b[0m%07"],
    ["bytes that are no UTF-8", "%ff%fe%80"],
    ["a change of direction", "%e2%80%ae%e2%81%a6x"],
  ] as const) {
    row(33, "grpc", `a grpc-message with ${name} comes in without control characters`, async (lab) => {
      const server = await lab.http2({ onRequest: (stream) => stream.status(13, message) });
      const outcome = await lab.ask(lab.client(server.address));
      expect(outcome.error?.code).toBe("INTERNAL");
      expect(outcome.error?.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    });
  }

  row(34, "grpc", "status 0 without a message is against the protocol", async (lab) => {
    const server = await lab.http2({ onRequest: (stream) => stream.head().trailers({ "grpc-status": "0" }) });
    const outcome = await lab.ask(lab.client(server.address));
    expect(outcome.error).toMatchObject({ kind: "protocol", code: "INTERNAL", retryable: false });
    expect(outcome.attempts).toHaveLength(1);
  });

  row(34, "grpc", "status 0 after half a message is no answer", async (lab) => {
    const server = await lab.http2({
      onRequest: (stream) =>
        stream
          .head()
          .data(grpcMessage(grpcReply(stream.call)).subarray(0, 12))
          .trailers({ "grpc-status": "0" }),
    });
    const outcome = await lab.ask(lab.client(server.address));
    expect(["protocol", "truncated"]).toContain(outcome.error?.kind);
    expect(outcome.error?.kind).not.toBe("unsupported");
  });

  row(35, "grpc", "two messages with a status are against the protocol", async (lab) => {
    const server = await lab.http2({
      onRequest: (stream) => {
        const message = grpcMessage(grpcReply(stream.call));
        stream
          .head()
          .data(Buffer.concat([message, message]))
          .trailers({ "grpc-status": "0" });
      },
    });
    const outcome = await lab.ask(lab.client(server.address));
    // Its own end, and not the deadline's.
    expect(outcome.error).toMatchObject({ kind: "protocol", retryable: false });
  });

  row(35, "grpc", "two messages without an end are settled by the deadline", async (lab) => {
    const server = await lab.http2({
      onRequest: (stream) => {
        const message = grpcMessage(grpcReply(stream.call));
        stream.head().data(message).data(message);
      },
    });
    const outcome = await lab.ask(lab.client(server.address), { timeoutMs: SHORT_TIMEOUT_MS });
    expect(["protocol", "timeout"]).toContain(outcome.error?.kind);
  });
});
