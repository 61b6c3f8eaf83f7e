"""The official Python client's part of the table: one JSON line in for each batch, one out."""

import json
import sys
import time

import numpy
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

VALUES = numpy.random.default_rng(1).random(1_000_000, dtype=numpy.float32).reshape(1, -1)


def reply(as_content):
    response = predict_pb2.PredictResponse()
    output = response.outputs["scores"]
    if as_content:
        output.CopyFrom(tf.make_tensor_proto(VALUES))
    else:
        output.dtype = tf.float32.as_datatype_enum
        for length in VALUES.shape:
            output.tensor_shape.dim.add().size = length
        output.float_val.extend(VALUES.ravel())
    return response.SerializeToString()


REPLIES = {"float_val": reply(False), "content": reply(True)}


def there_and_back(answer):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "resnet"
    request.inputs["images"].CopyFrom(tf.make_tensor_proto(VALUES))
    request.SerializeToString()
    response = predict_pb2.PredictResponse.FromString(answer)
    return tf.make_ndarray(response.outputs["scores"])


for name, answer in REPLIES.items():
    assert numpy.array_equal(there_and_back(answer), VALUES), name
print(json.dumps({"version": tf.__version__}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    start = time.perf_counter_ns()
    for _ in range(job["times"]):
        there_and_back(REPLIES[job["reply"]])
    print(json.dumps({"ns": (time.perf_counter_ns() - start) / job["times"]}), flush=True)
