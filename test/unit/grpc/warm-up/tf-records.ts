import { PredictionLog } from "#generated/tensorflow_serving/apis/prediction_log.ts";
import { maskedCrc32c } from "../../../../src/grpc/warm-up/crc32c.ts";

/** A TFRecord file of these records. The checksums are ours: `crc32c` is proven on known values and on TensorFlow's file. */
export function tfRecords(records: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    records.flatMap((data) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(data.length));
      return [length, checksum(length), data, checksum(data)];
    }),
  );
}

function checksum(bytes: Uint8Array): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(maskedCrc32c(bytes));
  return checksum;
}

/** A predict log whose one input `x` has one element. */
export function predictLog(signatureName: string, value: number, model = "m"): Buffer {
  const x = { dtype: 1, tensorShape: { dim: [{ size: 1n }] }, floatVal: [value] };
  const request = { modelSpec: { name: model, signatureName }, inputs: new Map([["x", x]]) };
  const log = PredictionLog.fromPartial({ logType: { $case: "predictLog", value: { request } } } as never);
  return Buffer.from(PredictionLog.encode(log).finish());
}
