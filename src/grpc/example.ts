import type { Example, Feature } from "../contract/example.ts";
import { LITTLE_ENDIAN, swapBytes } from "./wire/byte-order.ts";
import { sizeOfField, sizeOfText, sizeOfWords, writeHead, writeText, writeWords } from "./wire/wire-writer.ts";

/**
 * An Input message in two passes: the first finds every size and notes it, the second writes and takes them up again
 * in the same order.
 *
 * @see tensorflow_serving/apis/input.proto, tensorflow/core/example/feature.proto
 */
export class OutgoingInput {
  readonly size: number;
  readonly #examples: readonly Example[];
  readonly #context: Example | undefined;
  readonly #sizes: number[] = [];
  readonly #kindSize: number;

  constructor(examples: readonly Example[], context: Example | undefined) {
    this.#examples = examples;
    this.#context = context;
    let kindSize = 0;
    for (const example of examples) kindSize += sizeOfField(this.#sizeOfExample(example));
    if (context !== undefined) kindSize += sizeOfField(this.#sizeOfExample(context));
    this.#kindSize = kindSize;
    this.size = sizeOfField(kindSize);
  }

  write(target: Buffer, pos: number): number {
    const cursor = { next: 0 };
    pos = writeHead(target, pos, this.#context === undefined ? 10 : 18, this.#kindSize);
    for (const example of this.#examples) pos = this.#writeExample(target, pos, 10, example, cursor);
    if (this.#context !== undefined) pos = this.#writeExample(target, pos, 18, this.#context, cursor);
    return pos;
  }

  /** Example { Features { map entries } }: notes the size of the features, then of each entry, name, feature and list. */
  #sizeOfExample(example: Example): number {
    const sizes = this.#sizes;
    const slot = sizes.push(0) - 1;
    let featuresSize = 0;
    for (const [name, feature] of example.features) {
      const nameSize = sizeOfText(name);
      const valuesSize = sizeOfValues(feature);
      const listSize = feature.kind === "bytes" ? valuesSize : valuesSize === 0 ? 0 : sizeOfField(valuesSize);
      const featureSize = feature.kind === "none" ? 0 : sizeOfField(listSize);
      const entrySize = sizeOfField(nameSize) + sizeOfField(featureSize);
      sizes.push(entrySize, nameSize, featureSize, listSize, valuesSize);
      featuresSize += sizeOfField(entrySize);
    }
    sizes[slot] = featuresSize;
    return sizeOfField(featuresSize);
  }

  #writeExample(target: Buffer, pos: number, tag: number, example: Example, cursor: { next: number }): number {
    const sizes = this.#sizes;
    const featuresSize = sizes[cursor.next++] as number;
    pos = writeHead(target, pos, tag, sizeOfField(featuresSize));
    pos = writeHead(target, pos, 10, featuresSize);
    for (const [name, feature] of example.features) {
      const entrySize = sizes[cursor.next++] as number;
      const nameSize = sizes[cursor.next++] as number;
      const featureSize = sizes[cursor.next++] as number;
      const listSize = sizes[cursor.next++] as number;
      const valuesSize = sizes[cursor.next++] as number;
      pos = writeHead(target, pos, 10, entrySize);
      pos = writeText(target, writeHead(target, pos, 10, nameSize), name, nameSize);
      pos = writeHead(target, pos, 18, featureSize);
      pos = writeFeature(target, pos, feature, listSize, valuesSize);
    }
    return pos;
  }
}

function sizeOfValues(feature: Feature): number {
  switch (feature.kind) {
    case "none":
      return 0;
    case "float":
      return feature.values.byteLength;
    case "bytes": {
      let size = 0;
      for (const value of feature.values) size += sizeOfField(value.length);
      return size;
    }
    case "int64": {
      const words = wordsOf(feature.values);
      let size = 0;
      for (let index = 0; index < words.length; index += 2) {
        size += sizeOfWords(words[index + LOW] as number, words[index + HIGH] as number);
      }
      return size;
    }
  }
}

const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

function wordsOf(values: BigInt64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

function writeFeature(target: Buffer, pos: number, feature: Feature, listSize: number, valuesSize: number): number {
  switch (feature.kind) {
    case "none":
      return pos;
    case "bytes":
      pos = writeHead(target, pos, 10, listSize);
      for (const value of feature.values) {
        pos = writeHead(target, pos, 10, value.length);
        target.set(value, pos);
        pos += value.length;
      }
      return pos;
    case "float": {
      pos = writeHead(target, pos, 18, listSize);
      if (valuesSize === 0) return pos;
      pos = writeHead(target, pos, 10, valuesSize);
      const { values } = feature;
      target.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), pos);
      if (!LITTLE_ENDIAN) swapBytes(target.subarray(pos, pos + valuesSize), 4);
      return pos + valuesSize;
    }
    case "int64": {
      pos = writeHead(target, pos, 26, listSize);
      if (valuesSize === 0) return pos;
      pos = writeHead(target, pos, 10, valuesSize);
      const words = wordsOf(feature.values);
      for (let index = 0; index < words.length; index += 2) {
        pos = writeWords(target, pos, words[index + LOW] as number, words[index + HIGH] as number);
      }
      return pos;
    }
  }
}
