import { describe, expect, it } from "vitest";
import { readProtos } from "../unit/protos/read-protos.ts";
import { exchangeMessages } from "./protobuf-peer.ts";
import { pythonOf } from "./python.ts";

/** Messages that the two packages do not ship. */
const NOT_SHIPPED = [
  "grpc.health.v1.HealthCheckRequest",
  "grpc.health.v1.HealthCheckResponse",
  "tensorflow.serving.BatchingParameters",
  "tensorflow.serving.MonitoringConfig",
  "tensorflow.serving.PrometheusConfig",
  "tensorflow.serving.SSLConfig",
];

const table = readProtos();
const { exchanges } = await exchangeMessages(pythonOf("tensorflow"), ["official"], table);

describe("generated messages and those of tensorflow-serving-api", () => {
  it("have the same names, but for those that it does not ship", () => {
    const unknown = exchanges.filter((exchange) => !exchange.theirReading).map((exchange) => exchange.type);
    expect([...new Set(unknown)].sort()).toEqual(NOT_SHIPPED);
  });

  it.each(Object.keys(table.messages).filter((type) => !NOT_SHIPPED.includes(type)))(
    "agree on %s, both ways",
    (type) => {
      const ofType = exchanges.filter((exchange) => exchange.type === type);
      expect(ofType).not.toHaveLength(0);
      for (const { value, theirReading, ourReading, unknown, theirFields } of ofType) {
        expect(theirReading).toEqual(value);
        expect(ourReading).toEqual(value);
        expect(unknown).toBe(false);
        const numbers = table.messages[type]!.fields.map((field) => [field.name, field.number]);
        expect(theirFields).toMatchObject(Object.fromEntries(numbers));
      }
    },
  );
});
