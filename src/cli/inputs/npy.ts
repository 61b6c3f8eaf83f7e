import { type DType, type Tensor, tensor } from "../../index.ts";

const MAGIC = "\u0093NUMPY";
/** More than any header that numpy writes for what can be sent. */
const MAX_HEADER_BYTES = 65_536;

/** Numpy's letters for the dtypes that both have. */
const DTYPE_OF: Readonly<Record<string, DType>> = {
  b1: "bool",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
  c8: "complex64",
  c16: "complex128",
};

/**
 * A numpy array as numpy.save() writes it, as a tensor. Texts and bytes of a fixed width become strings without the zeros
 * that fill them up, big endian numbers are turned round, columns-first (`fortran_order`) arrays are put in rows.
 *
 * @throws TypeError for what is no such file, is shorter or longer than it says, or holds Python objects
 * @see numpy/lib/format.py
 */
export function readNpy(bytes: Uint8Array): Tensor {
  const { descr, fortranOrder, shape, start } = readHeader(bytes);
  const [, order = "", letters = ""] = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(descr) ?? [];
  const size = shape.reduce((product, length) => product * length, 1);
  const dtype = Object.hasOwn(DTYPE_OF, letters) ? DTYPE_OF[letters] : undefined;
  const textWidth = /^[SU](\d{1,9})$/.exec(letters)?.[1];
  if (dtype === undefined && textWidth === undefined) {
    throw new TypeError(`the array has numpy's dtype "${descr.slice(0, 40)}", which cannot be sent`);
  }
  const isUtf32 = letters.startsWith("U");
  const width = textWidth === undefined ? Number(letters.slice(1)) : Number(textWidth) * (isUtf32 ? 4 : 1);
  if (bytes.length - start !== size * width) {
    throw new TypeError(`its header promises ${size * width} bytes of elements, found ${bytes.length - start}`);
  }
  // A copy: elements must lie on a multiple of their width, and what follows must not change the file's bytes.
  let data = new Uint8Array(size * width);
  data.set(bytes.subarray(start));
  // Texts of numpy are numbers of 4 bytes, complex numbers are pairs.
  const swap = isUtf32 ? 4 : letters.startsWith("c") ? width / 2 : letters.startsWith("S") ? 1 : width;
  if (order === ">" && swap > 1) swapBytes(data, swap);
  if (fortranOrder && shape.length > 1) data = toRows(data, shape, width);
  if (dtype !== undefined) return fromBytes(dtype, data, shape);
  const texts = Array.from({ length: size }, (_, index) =>
    textOf(data.subarray(index * width, (index + 1) * width), isUtf32),
  );
  return tensor.string(texts, shape);
}

interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly start: number;
}

function readHeader(bytes: Uint8Array): Header {
  if (Buffer.from(bytes.subarray(0, 6)).toString("latin1") !== MAGIC || bytes.length < 12) {
    throw new TypeError("it is no .npy file: numpy.save() writes them");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLong = (bytes[6] as number) >= 2;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (isLong ? 12 : 10) + length;
  if (length > MAX_HEADER_BYTES || start > bytes.length) throw new TypeError("its header is cut off");
  const text = Buffer.from(bytes.subarray(isLong ? 12 : 10, start)).toString("utf8");
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === undefined || order === undefined || shape === undefined) {
    throw new TypeError("it holds no plain array: fields and Python objects cannot be sent");
  }
  const axes = shape
    .split(",")
    .filter((axis) => axis.trim() !== "")
    .map(Number);
  if (!axes.every(Number.isSafeInteger)) throw new TypeError(`its shape (${shape.slice(0, 40)}) is not possible`);
  return { descr, fortranOrder: order === "True", shape: axes, start };
}

function swapBytes(data: Uint8Array, width: number): void {
  for (let at = 0; at < data.length; at += width) data.subarray(at, at + width).reverse();
}

/** Elements that lie column by column, row by row. */
function toRows(data: Uint8Array, shape: readonly number[], width: number): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(data.length);
  const index = shape.map(() => 0);
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1));
  for (let to = 0; to < data.length; to += width) {
    const from = index.reduce((sum, position, axis) => sum + position * (steps[axis] as number), 0) * width;
    rows.set(data.subarray(from, from + width), to);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return rows;
}

function textOf(bytes: Uint8Array, isUtf32: boolean): string | Uint8Array {
  if (!isUtf32) {
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    return bytes.slice(0, end);
  }
  const points = new Uint32Array(bytes.slice().buffer);
  if (points.some((point) => point > 0x10ffff)) throw new TypeError("a text holds what is no character");
  return Array.from(points, (point) => String.fromCodePoint(point))
    .join("")
    .replace(/\0+$/, "");
}

/** Elements as they lie in memory, little endian, as a tensor. @throws TypeError when the bytes are too few or too many */
export function fromBytes(dtype: DType, data: Uint8Array<ArrayBuffer>, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const expect = (width: number) => {
    if (data.length === size * width) return;
    throw new TypeError(`shape [${shape.join(", ")}] of ${dtype} takes ${size * width} bytes, found ${data.length}`);
  };
  switch (dtype) {
    case "string":
      throw new TypeError("strings have no fixed width: give them as JSON, or a file with --image");
    case "bool":
      expect(1);
      return tensor.bool(data, shape);
    case "int8":
      expect(1);
      return tensor.int8(new Int8Array(data.buffer), shape);
    case "uint8":
      expect(1);
      return tensor.uint8(data, shape);
    case "int16":
      expect(2);
      return tensor.int16(new Int16Array(data.buffer), shape);
    case "uint16":
    case "float16":
    case "bfloat16":
      expect(2);
      return tensor[dtype](new Uint16Array(data.buffer), shape);
    case "int32":
      expect(4);
      return tensor.int32(new Int32Array(data.buffer), shape);
    case "uint32":
      expect(4);
      return tensor.uint32(new Uint32Array(data.buffer), shape);
    case "float32":
      expect(4);
      return tensor.float32(new Float32Array(data.buffer), shape);
    case "int64":
      expect(8);
      return tensor.int64(new BigInt64Array(data.buffer), shape);
    case "uint64":
      expect(8);
      return tensor.uint64(new BigUint64Array(data.buffer), shape);
    case "float64":
      expect(8);
      return tensor.float64(new Float64Array(data.buffer), shape);
    case "complex64":
      expect(8);
      return tensor.complex64(new Float32Array(data.buffer), shape);
    case "complex128":
      expect(16);
      return tensor.complex128(new Float64Array(data.buffer), shape);
  }
}

/**
 * A tensor as numpy.load() reads it. Strings become bytes of a fixed width.
 *
 * @throws TypeError for bfloat16, which numpy has no name for
 */
export function writeNpy(array: Tensor): Uint8Array {
  const letters = Object.keys(DTYPE_OF).find((name) => DTYPE_OF[name] === array.dtype);
  const [descr, data] =
    array.dtype === "string" ? textBytes(array.data as readonly Uint8Array[]) : [letters, bytesOf(array)];
  if (descr === undefined) throw new TypeError(`numpy has no dtype for ${array.dtype}`);
  const order = /^[biu]1$|^S/.test(descr) ? "|" : "<";
  const axes = array.shape.map((length) => `${length},`).join(" ");
  const header = `{'descr': '${order}${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  // Elements begin on a multiple of 64, as numpy wants them.
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10;
  const start = Buffer.alloc(10 + length, " ");
  start.write(MAGIC, "latin1");
  start.writeUInt16LE(1, 6);
  start.writeUInt16LE(length, 8);
  start.write(header, 10, "latin1");
  start.write("\n", 9 + length, "latin1");
  return Buffer.concat([start, data]);
}

function bytesOf({ data }: Tensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function textBytes(texts: readonly Uint8Array[]): [string, Uint8Array] {
  const width = Math.max(1, ...texts.map(({ length }) => length));
  const data = new Uint8Array(width * texts.length);
  for (const [index, text] of texts.entries()) data.set(text, index * width);
  return [`S${width}`, data];
}
