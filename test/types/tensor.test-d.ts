// Checked by the compiler alone: `npm run typecheck`. An @ts-expect-error that expects nothing is an error itself.
import { expectTypeOf } from "vitest";
import { type TensorBuilder, tensor } from "../../src/tensor/build-tensor.ts";
import { concat } from "../../src/tensor/concat.ts";
import type { DataOf, DType } from "../../src/tensor/dtype.ts";
import { fromNested } from "../../src/tensor/from-nested.ts";
import { slice } from "../../src/tensor/slice.ts";
import { split } from "../../src/tensor/split.ts";
import { stack } from "../../src/tensor/stack.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import type { TensorInput } from "../../src/tensor/tensor-input.ts";
import type { NestedOf } from "../../src/tensor/to-nested.ts";

// The array follows the dtype.
expectTypeOf<Tensor<"int64">["data"]>().toEqualTypeOf<BigInt64Array>();
expectTypeOf<Tensor<"uint64">["data"]>().toEqualTypeOf<BigUint64Array>();
expectTypeOf<Tensor<"float32">["data"]>().toEqualTypeOf<Float32Array>();
expectTypeOf<Tensor<"float16">["data"]>().toEqualTypeOf<Uint16Array>();
expectTypeOf<Tensor<"bool">["data"]>().toEqualTypeOf<Uint8Array>();
expectTypeOf<Tensor<"string">["data"]>().toEqualTypeOf<readonly Uint8Array[]>();
expectTypeOf<Tensor<"complex128">["data"]>().toEqualTypeOf<Float64Array>();
expectTypeOf<Tensor["data"]>().toEqualTypeOf<DataOf<DType>>();

// A tensor of one dtype is a tensor; the other way round needs a check.
expectTypeOf<Tensor<"int64">>().toExtend<Tensor>();
expectTypeOf<Tensor>().not.toExtend<Tensor<"int64">>();
expectTypeOf<Tensor<"int32">>().not.toExtend<Tensor<"int64">>();

// Nested values have the element's JavaScript type.
expectTypeOf<ReturnType<Tensor<"int64">["toNested"]>>().toEqualTypeOf<NestedOf<"int64">>();
expectTypeOf<Extract<NestedOf<"int64">, bigint>>().toEqualTypeOf<bigint>();
expectTypeOf<Extract<NestedOf<"int64">, number>>().toEqualTypeOf<never>();
expectTypeOf<Extract<NestedOf<"bool">, boolean>>().toEqualTypeOf<boolean>();

// Every dtype has a builder, and it makes that dtype.
expectTypeOf<keyof TensorBuilder>().toEqualTypeOf<DType>();
expectTypeOf<{ [D in DType]: ReturnType<TensorBuilder[D]> }>().toEqualTypeOf<{ [D in DType]: Tensor<D> }>();

// What keeps a tensor's dtype.
const ids = tensor.int64([1n, 2, [3n]]);
expectTypeOf(ids).toEqualTypeOf<Tensor<"int64">>();
expectTypeOf(concat([ids, ids])).toEqualTypeOf<Tensor<"int64">>();
expectTypeOf(stack([ids])).toEqualTypeOf<Tensor<"int64">>();
expectTypeOf(slice(ids, 0, 1)).toEqualTypeOf<Tensor<"int64">>();
expectTypeOf(split(ids, 2)).toEqualTypeOf<Tensor<"int64">[]>();
expectTypeOf(ids.row(0)).toEqualTypeOf<Tensor<"int64">>();
expectTypeOf(fromNested([1], "uint8")).toEqualTypeOf<Tensor<"uint8">>();
expectTypeOf(fromNested([1])).toEqualTypeOf<Tensor>();

// What goes in.
tensor.float32([[1, 2], Float32Array.of(3, 4)]);
tensor.string(["a", new Uint8Array(1)]);
tensor.bool([[true], [false]]);
expectTypeOf<Tensor<"bool">>().toExtend<TensorInput>();
expectTypeOf<number[][][]>().toExtend<TensorInput>();
expectTypeOf<readonly (string | Uint8Array)[]>().toExtend<TensorInput>();
expectTypeOf<Buffer>().toExtend<TensorInput>();
expectTypeOf<Float32Array[]>().toExtend<TensorInput>();
expectTypeOf<{ data: Float32Array; dims: readonly number[]; type: "float32" }>().toExtend<TensorInput>();
expectTypeOf<{ dataSync(): Int32Array; shape: number[]; dtype: string }>().toExtend<TensorInput>();
expectTypeOf<Date>().not.toExtend<TensorInput>();
expectTypeOf<null>().not.toExtend<TensorInput>();
expectTypeOf<Promise<number>>().not.toExtend<TensorInput>();

// @ts-expect-error a bigint is no float
tensor.float32([1n]);
// @ts-expect-error 0 and 1 are no booleans
tensor.bool([0, 1]);
// @ts-expect-error floats do not go into integers
tensor.int32(new Float32Array(1));
// @ts-expect-error a number is no string
tensor.string([1]);
// @ts-expect-error the shape cannot be written to
ids.shape[0] = 3;
