"""Puts down tensors, examples and signatures in JSON, for the tests to read (tensorflow-peer.ts has the types)."""

import base64

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2

from tf_models import DTYPES

NAMES = {dtype.name for dtype in DTYPES}


def plain_tensor(dtype, value):
    array = np.asarray(value, dtype=object if dtype == tf.string else None)
    if dtype == tf.string:
        data = [base64.b64encode(item).decode() for item in array.reshape(-1)]
    else:
        data = base64.b64encode(array.tobytes()).decode()
    return {"dtype": dtype.name, "shape": list(array.shape), "data": data}


def plain_case(case):
    return {
        "signature": case["signature"],
        "inputs": {name: plain_tensor(*tensor) for name, tensor in case["inputs"].items()},
        "outputs": {name: plain_tensor(*tensor) for name, tensor in case["outputs"].items()},
    }


def plain_example(row):
    def feature(kind, values):
        if kind == "bytes":
            return [base64.b64encode(value).decode() for value in values]
        return [str(value) for value in values] if kind == "int64" else values

    return {name: {kind: feature(kind, values)} for name, (kind, values) in row.items()}


def plain_example_case(case):
    return {
        "examples": [plain_example(row) for row in case["examples"]],
        "context": plain_example(case["context"]),
        "classes": plain_tensor(tf.string, case["classes"]),
        "scores": plain_tensor(tf.float32, case["scores"]),
        "sums": plain_tensor(tf.float32, case["sums"]),
    }


def plain_signature(signature):
    def spec(info):
        name = tf.as_dtype(info.dtype).name if info.dtype else ""
        # Structured tensors have no shape of their own.
        known_rank = info.HasField("tensor_shape") and not info.tensor_shape.unknown_rank
        shape = [dim.size for dim in info.tensor_shape.dim] if known_rank else None
        return {
            "dtype": name if name in NAMES else types_pb2.DataType.Name(info.dtype),
            "shape": shape,
            "tensorName": info.name,
        }

    return {
        "methodName": signature.method_name,
        "inputs": {name: spec(info) for name, info in signature.inputs.items()},
        "outputs": {name: spec(info) for name, info in signature.outputs.items()},
        "defaults": sorted(signature.defaults),
    }
