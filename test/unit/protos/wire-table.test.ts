import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readProtos, type WireField, type WireTable } from "./read-protos.ts";

const server = JSON.parse(
  readFileSync(new URL("../../fixtures/tfserving-wire.json", import.meta.url), "utf8"),
) as WireTable & { cut: string[] };
const ours = readProtos();

const SESSION_SERVICE = "the stock model server does not register the session service";
const SESSION_CONFIG = "how the server runs its graphs: a matter of its own start-up, never in a request";

/** What the server's protos have and ours do not, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "tensorflow.serving.SessionRunRequest": SESSION_SERVICE,
  "tensorflow.serving.SessionRunResponse": SESSION_SERVICE,
  "tensorflow.serving.SessionRunLog": SESSION_SERVICE,
  "tensorflow.NamedTensorProto": SESSION_SERVICE,
  "tensorflow.RunOptions": SESSION_SERVICE,
  "tensorflow.RunOptions.TraceLevel": SESSION_SERVICE,
  "tensorflow.ConfigProto": SESSION_CONFIG,
  "tensorflow.GPUOptions": SESSION_CONFIG,
  "tensorflow.ThreadPoolOptionProto": SESSION_CONFIG,
  "tensorflow.serving.SessionBundleConfig": SESSION_CONFIG,
  "tensorflow.serving.ModelWarmupOptions": SESSION_CONFIG,
  "tensorflow.serving.SavedModelBundleSourceAdapterConfig": SESSION_CONFIG,
  "tensorflow.serving.PlatformConfig": SESSION_CONFIG,
  "tensorflow.serving.PlatformConfigMap": SESSION_CONFIG,
  "tensorflow.serving.internal.SerializedInput": "Input on the server's side of the wire, with the rows still in bytes",
  "tensorflow.serving.internal.SerializedExampleList": "part of SerializedInput",
  "tensorflow.serving.internal.SerializedExampleListWithContext": "part of SerializedInput",
  "tensorflow.SerializedDType": "a file format of TensorFlow, in no message of Serving",
  "tensorflow.StatusProto": "status between TensorFlow's own processes; Serving sends tensorflow.serving.StatusProto",
};

const FIELDS_LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  "tensorflow.serving.PredictionLog": ["session_run_log"],
};

const SERVICES_LEFT_OUT: Readonly<Record<string, string>> = {
  "tensorflow.serving.SessionService": SESSION_SERVICE,
};

/** The server's fields of a message, without those left out, in the order of their numbers. */
function serverFields(name: string): WireField[] {
  return byNumber(server.messages[name]!.fields.filter((field) => !FIELDS_LEFT_OUT[name]?.includes(field.name)));
}

function byNumber(fields: WireField[]): WireField[] {
  return [...fields].sort((a, b) => a.number - b.number);
}

/** Names of ours that are to be found in the server's table: all but gRPC's health and the rest of the well-known files. */
function own(names: object): string[] {
  return Object.keys(names).filter((name) => name.startsWith("tensorflow."));
}

const inBoth = Object.keys(server.messages).filter((name) => name in ours.messages);

describe("protos/", () => {
  it("has every message of the server, or a reason for leaving it out", () => {
    const missing = Object.keys(server.messages).filter((name) => !(name in ours.messages));
    const reasons = Object.keys(LEFT_OUT).filter((name) => name in server.messages);
    expect(missing.sort()).toEqual(reasons.sort());
  });

  it("has every enum of the server, or a reason for leaving it out", () => {
    const missing = Object.keys(server.enums).filter((name) => !(name in ours.enums));
    const reasons = Object.keys(LEFT_OUT).filter((name) => name in server.enums);
    expect(missing.sort()).toEqual(reasons.sort());
  });

  it("gives a reason only for what the server has", () => {
    const known = new Set([...Object.keys(server.messages), ...Object.keys(server.enums)]);
    expect(Object.keys(LEFT_OUT).filter((name) => !known.has(name))).toEqual([]);
    for (const [name, fields] of Object.entries(FIELDS_LEFT_OUT)) {
      expect(server.messages[name]?.fields.map((field) => field.name)).toEqual(expect.arrayContaining([...fields]));
    }
  });

  it("has no message and no enum that the server has not", () => {
    expect(own(ours.messages).filter((name) => !(name in server.messages))).toEqual([]);
    expect(own(ours.enums).filter((name) => !(name in server.enums))).toEqual([]);
  });

  it.each(inBoth)("has %s with the server's fields", (name) => {
    expect(byNumber(ours.messages[name]!.fields)).toEqual(serverFields(name));
    expect(ours.messages[name]!.file).toBe(server.messages[name]!.file);
    expect(ours.reserved[name]).toEqual(server.reserved[name]);
  });

  it.each(own(ours.enums))("has %s with the server's values", (name) => {
    expect(ours.enums[name]).toEqual(server.enums[name]);
  });

  it("has the server's calls, by path, request and response", () => {
    const { "grpc.health.v1.Health": _, ...services } = ours.services;
    const kept = Object.entries(server.services).filter(([name]) => !(name in SERVICES_LEFT_OUT));
    expect(services).toEqual(Object.fromEntries(kept));
    expect(Object.keys(server.services)).toEqual(expect.arrayContaining(Object.keys(SERVICES_LEFT_OUT)));
  });

  it("uses no message that the table has cut short", () => {
    expect(server.cut.filter((name) => name in ours.messages)).toEqual([]);
  });

  it("has the health protocol as gRPC publishes it", () => {
    const serves = { request: "grpc.health.v1.HealthCheckRequest", response: "grpc.health.v1.HealthCheckResponse" };
    expect(ours.services["grpc.health.v1.Health"]).toEqual([
      { name: "Check", path: "/grpc.health.v1.Health/Check", ...serves, requestStream: false, responseStream: false },
      { name: "Watch", path: "/grpc.health.v1.Health/Watch", ...serves, requestStream: false, responseStream: true },
    ]);
    expect(ours.messages[serves.request]!.fields).toEqual([{ name: "service", number: 1, type: "string" }]);
    expect(ours.messages[serves.response]!.fields).toEqual([
      { name: "status", number: 1, type: "grpc.health.v1.HealthCheckResponse.ServingStatus" },
    ]);
    expect(ours.enums["grpc.health.v1.HealthCheckResponse.ServingStatus"]).toEqual({
      UNKNOWN: 0,
      SERVING: 1,
      NOT_SERVING: 2,
      SERVICE_UNKNOWN: 3,
    });
  });
});
