import { maskedCrc32c } from "./crc32c.ts";

/** As many as the server takes: with more it does not load the model. */
export const MAX_RECORDS = 1_000;

/** A length of eight bytes and its checksum in front, a checksum behind. */
const LENGTH_BYTES = 8;
const CHECKSUM_BYTES = 4;
const HEAD_BYTES = LENGTH_BYTES + CHECKSUM_BYTES;

/**
 * The records of a TFRecord file, as views into it.
 *
 * @throws Error for a file that is cut or damaged, for one of another kind, and for more than 1,000 records
 * @see tensorflow/core/lib/io/record_reader.cc, servables/tensorflow/saved_model_warmup_util.h WarmupConsts
 */
export function* recordsOf(file: Buffer): Generator<Buffer> {
  let at = 0;
  for (let index = 0; at < file.length; index++) {
    const fault = (problem: string) => new Error(`record ${index}, at byte ${at}, ${problem}`);
    if (index === MAX_RECORDS) throw new Error(`it has more than ${MAX_RECORDS} records, the server takes no more`);
    const left = file.length - at;
    if (left < HEAD_BYTES) throw fault(`is cut: its head has ${left} of ${HEAD_BYTES} bytes`);
    const head = file.subarray(at, at + LENGTH_BYTES);
    if (file.readUInt32LE(at + LENGTH_BYTES) !== maskedCrc32c(head)) {
      throw fault("has a length with a wrong checksum: the file is damaged, compressed, or no TFRecord file");
    }
    const length = Number(head.readBigUInt64LE());
    if (length + CHECKSUM_BYTES > left - HEAD_BYTES) {
      throw fault(`is cut: it claims ${length} bytes where ${left - HEAD_BYTES} are left`);
    }
    const start = at + HEAD_BYTES;
    const data = file.subarray(start, start + length);
    if (file.readUInt32LE(start + length) !== maskedCrc32c(data)) throw fault("has a wrong checksum: it is damaged");
    yield data;
    at = start + length + CHECKSUM_BYTES;
  }
}
