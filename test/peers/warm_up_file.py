"""Writes a file of warm-up requests with TensorFlow's own record writer and the official messages.

    warm_up_file.py FILE

Prints one line of JSON: what the file holds, in order. A predict request is its signature and inputs (tf_plain.py has the
form of a tensor), everything else its kind alone. With the same packages the file is the same, byte for byte.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    classification_pb2, inference_pb2, predict_pb2, prediction_log_pb2, regression_pb2,
)

from tf_plain import plain_tensor

PREDICTS = [
    # The signature that answers where none is named.
    ("", "ranker", {
        "x": (tf.float32, np.array([[1, 2, 5], [0.5, -0.25, np.inf]], np.float32)),
        "ids": (tf.int64, np.array([1, -(2**63), 2**63 - 1])),
        "names": (tf.string, np.array([b"a", "日本".encode(), b"\xff\x00"], object)),
    }),
    ("encode", "another name", {
        "half": (tf.float16, np.array([0.5, -2], np.float16)),
        "flags": (tf.bool, np.array([[True], [False]])),
        "pixels": (tf.uint8, np.arange(300, dtype=np.uint8).reshape(10, 30)),
    }),
    ("serving_default", "ranker", {"x": (tf.float32, np.zeros((1, 3), np.float32))}),
]


def predict_log(signature, model, inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = signature
    for name, (dtype, value) in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value, dtype=dtype))
    return prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))


def logs():
    example = tf.train.Example()
    example.features.feature["x"].float_list.value.append(1)
    classify = classification_pb2.ClassificationRequest()
    classify.input.example_list.examples.append(example)
    regress = regression_pb2.RegressionRequest()
    regress.input.example_list.examples.append(example)
    yield predict_log(*PREDICTS[0])
    yield prediction_log_pb2.PredictionLog(classify_log=prediction_log_pb2.ClassifyLog(request=classify))
    yield predict_log(*PREDICTS[1])
    yield prediction_log_pb2.PredictionLog(regress_log=prediction_log_pb2.RegressLog(request=regress))
    yield prediction_log_pb2.PredictionLog(
        multi_inference_log=prediction_log_pb2.MultiInferenceLog(request=inference_pb2.MultiInferenceRequest()))
    yield predict_log(*PREDICTS[2])


def main(path):
    kinds = []
    with tf.io.TFRecordWriter(path) as writer:
        for log in logs():
            kinds.append(log.WhichOneof("log_type"))
            writer.write(log.SerializeToString(deterministic=True))
    predicts = [
        {
            "signature": signature or "serving_default",
            "inputs": {name: plain_tensor(*tensor) for name, tensor in inputs.items()},
        }
        for signature, _, inputs in PREDICTS
    ]
    print(json.dumps({"kinds": kinds, "predicts": predicts}), flush=True)
    sys.stdin.read()


main(sys.argv[1])
