"""TensorFlow's runtime behind the official stubs of TensorFlow Serving: a peer for the gRPC client.

    tf_server.py FOLDER [TFJS_MODEL]

Makes SavedModels in FOLDER, loads them as a model server does (a session, and the SavedModel's own SignatureDefs to
know what to feed and fetch), and serves them on 127.0.0.1. Prints one line of JSON when it is ready: the address, the
versions in use, and a file with the answers that TensorFlow gives without a server. Ends when standard input ends.

It is no TensorFlow Serving: states, texts of errors, batching and limits are not the real server's. A request may say
in the header `x-answer-as` how tensors shall be answered: `content` (the default) or `values`.
"""

import json
import os
import sys
from concurrent import futures
from importlib.metadata import version as version_of

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import grpc
import numpy as np
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2
from tensorflow_serving.apis import (
    classification_pb2, get_model_metadata_pb2, get_model_status_pb2, inference_pb2, model_service_pb2_grpc,
    predict_pb2, prediction_service_pb2_grpc, regression_pb2,
)

import tf_models
from tf_plain import plain_case, plain_example_case, plain_signature
from tfjs_model import save_tfjs_model

PREDICT = "tensorflow/serving/predict"

VALUE_FIELDS = {
    "float16": "half_val", "bfloat16": "half_val", "float32": "float_val", "float64": "double_val",
    "int8": "int_val", "int16": "int_val", "int32": "int_val", "uint8": "int_val", "uint16": "int_val",
    "int64": "int64_val", "uint32": "uint32_val", "uint64": "uint64_val", "bool": "bool_val",
    "string": "string_val", "complex64": "scomplex_val", "complex128": "dcomplex_val",
}


class Loaded:
    """One version of a model: its session and its signatures."""

    def __init__(self, path):
        self.session = tf.compat.v1.Session(graph=tf.Graph())
        with self.session.graph.as_default():
            meta_graph = tf.compat.v1.saved_model.load(self.session, [tf.saved_model.SERVING], path)
        self.signatures = dict(meta_graph.signature_def)

    def run(self, signature, feeds, wanted=()):
        names = list(wanted) or list(signature.outputs)
        fetches = [signature.outputs[name].name for name in names]
        feed_dict = {signature.inputs[name].name: value for name, value in feeds.items()}
        return dict(zip(names, self.session.run(fetches, feed_dict)))


class Refused(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def answering(method):
    """Turns what a method raises into a status."""

    def call(self, request, context):
        try:
            return method(self, request, context)
        except Refused as refused:
            context.abort(refused.code, str(refused))
        except tf.errors.OpError as error:
            code = next(code for code in grpc.StatusCode if code.value[0] == error.error_code)
            context.abort(code, error.message)
        except (ValueError, TypeError) as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))

    return call


def to_proto(value, info, form):
    dtype = tf.as_dtype(info.dtype)
    array = np.asarray(value)
    if form != "values":
        return tf.make_tensor_proto(array, dtype=dtype, shape=array.shape)
    proto = tensor_pb2.TensorProto(dtype=info.dtype, tensor_shape=tf.TensorShape(array.shape).as_proto())
    flat = array.reshape(-1)
    if dtype in (tf.float16, tf.bfloat16):
        flat = flat.view(np.uint16)
    elif dtype.is_complex:
        flat = flat.view(dtype.real_dtype.as_numpy_dtype)
    # The last value stands for all that follow it: a reader has to fill up.
    step = 2 if dtype.is_complex else 1
    bits = [item if dtype == tf.string else item.tobytes() for item in flat]
    kept = len(bits)
    while kept > step and bits[kept - step : kept] == bits[kept - 2 * step : kept - step]:
        kept -= step
    getattr(proto, VALUE_FIELDS[dtype.name]).extend(flat[:kept].tolist())
    return proto


def rows_of(given):
    """The serialized rows of a request, each with the features of the context."""
    kind = given.WhichOneof("kind")
    if kind is None:
        raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "Input is empty.")
    rows = getattr(given, kind).examples
    if kind == "example_list":
        return [row.SerializeToString() for row in rows]
    context = given.example_list_with_context.context
    merged = []
    for row in rows:
        example = tf.train.Example()
        example.CopyFrom(context)
        for name in row.features.feature:
            example.features.feature[name].CopyFrom(row.features.feature[name])
        merged.append(example.SerializeToString())
    return merged


class Server(
    prediction_service_pb2_grpc.PredictionServiceServicer, model_service_pb2_grpc.ModelServiceServicer
):
    def __init__(self, models, labels):
        self.models = models
        self.labels = labels

    def find(self, spec):
        """The version that a ModelSpec asks for, and the spec of the answer."""
        versions = self.models.get(spec.name)
        if versions is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no model {spec.name}")
        choice = spec.WhichOneof("version_choice")
        number = max(versions)
        if choice == "version":
            number = spec.version.value
        elif choice == "version_label":
            number = self.labels.get(spec.name, {}).get(spec.version_label)
        if number not in versions:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no such version of {spec.name}")
        return versions[number], number

    def find_signature(self, spec, *methods):
        loaded, number = self.find(spec)
        name = spec.signature_name or "serving_default"
        if name not in loaded.signatures:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"no signature {name}")
        signature = loaded.signatures[name]
        if signature.method_name not in methods:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"signature {name} is for {signature.method_name}")
        return loaded, signature, number, name

    @staticmethod
    def name(response, spec, number, signature=""):
        response.model_spec.name = spec.name
        response.model_spec.version.value = number
        response.model_spec.signature_name = signature
        return response

    @answering
    def Predict(self, request, context):
        methods = (PREDICT, tf_models.CLASSIFY, tf_models.REGRESS)
        loaded, signature, number, name = self.find_signature(request.model_spec, *methods)
        given = {key: tf.make_ndarray(proto) for key, proto in request.inputs.items()}
        for key, proto in request.inputs.items():
            if key not in signature.inputs:
                raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"no input {key}")
            if proto.dtype != signature.inputs[key].dtype:
                raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"input {key} has the wrong dtype")
        defaults = {key: tf.make_ndarray(proto) for key, proto in signature.defaults.items()}
        outputs = loaded.run(signature, {**defaults, **given}, request.output_filter)
        form = dict(context.invocation_metadata()).get("x-answer-as")
        response = predict_pb2.PredictResponse()
        for key, value in outputs.items():
            response.outputs[key].CopyFrom(to_proto(value, signature.outputs[key], form))
        return self.name(response, request.model_spec, number, name)

    def classified(self, spec, given, result):
        loaded, signature, number, name = self.find_signature(spec, tf_models.CLASSIFY)
        outputs = loaded.run(signature, {"inputs": rows_of(given)})
        classes, scores = outputs.get("classes"), outputs.get("scores")
        some = scores if classes is None else classes
        for row in range(some.shape[0]):
            item = result.classifications.add()
            for column in range(some.shape[1]):
                one = item.classes.add()
                if classes is not None:
                    one.label = classes[row, column].decode()
                if scores is not None:
                    one.score = scores[row, column]
        return number, name

    def regressed(self, spec, given, result):
        loaded, signature, number, name = self.find_signature(spec, tf_models.REGRESS)
        for value in loaded.run(signature, {"inputs": rows_of(given)})["outputs"].reshape(-1):
            result.regressions.add().value = value
        return number, name

    @answering
    def Classify(self, request, context):
        response = classification_pb2.ClassificationResponse()
        return self.name(response, request.model_spec, *self.classified(request.model_spec, request.input, response.result))

    @answering
    def Regress(self, request, context):
        response = regression_pb2.RegressionResponse()
        return self.name(response, request.model_spec, *self.regressed(request.model_spec, request.input, response.result))

    @answering
    def MultiInference(self, request, context):
        response = inference_pb2.MultiInferenceResponse()
        for task in request.tasks:
            result = response.results.add()
            if task.method_name == tf_models.CLASSIFY:
                named = self.classified(task.model_spec, request.input, result.classification_result)
            elif task.method_name == tf_models.REGRESS:
                named = self.regressed(task.model_spec, request.input, result.regression_result)
            else:
                raise Refused(grpc.StatusCode.UNIMPLEMENTED, f"method {task.method_name}")
            self.name(result, task.model_spec, *named)
        return response

    @answering
    def GetModelMetadata(self, request, context):
        if list(request.metadata_field) != ["signature_def"]:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, f"fields {list(request.metadata_field)}")
        loaded, number = self.find(request.model_spec)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, signature in loaded.signatures.items():
            signatures.signature_def[name].CopyFrom(signature)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.metadata["signature_def"].Pack(signatures)
        return self.name(response, request.model_spec, number)

    @answering
    def GetModelStatus(self, request, context):
        name = request.model_spec.name
        if name not in self.models:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"no model {name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for number in sorted(self.models[name], reverse=True):
            if request.model_spec.HasField("version") and request.model_spec.version.value != number:
                continue
            response.model_version_status.add(version=number, state=get_model_status_pb2.ModelVersionStatus.AVAILABLE)
        return response


def main():
    folder = sys.argv[1]
    paths = {name: os.path.join(folder, *name.split(":")) for name in
             ["dtypes:7", "half_plus_two:1", "half_plus_two:2", "examples:1", "structured:1", "sequences:1"]}
    predictions = {
        "dtypes:7": tf_models.save_dtypes(paths["dtypes:7"]),
        "half_plus_two:1": tf_models.save_affine(paths["half_plus_two:1"], 0.5),
        "half_plus_two:2": tf_models.save_affine(paths["half_plus_two:2"], 0.75),
        "structured:1": tf_models.save_structured(paths["structured:1"]),
        "sequences:1": tf_models.save_sequences(paths["sequences:1"]),
    }
    examples = tf_models.save_examples(paths["examples:1"])
    if len(sys.argv) > 2:
        paths["guesslang:1"] = os.path.join(folder, "guesslang", "1")
        predictions["guesslang:1"] = save_tfjs_model(sys.argv[2], paths["guesslang:1"])

    models = {}
    for key, path in paths.items():
        name, number = key.split(":")
        models.setdefault(name, {})[int(number)] = Loaded(path)

    answers = os.path.join(folder, "answers.json")
    with open(answers, "w") as target:
        json.dump({
            "predictions": {key: [plain_case(case) for case in cases] for key, cases in predictions.items()},
            "examples": [plain_example_case(case) for case in examples],
            "signatures": {
                f"{name}:{number}": {key: plain_signature(found) for key, found in loaded.signatures.items()}
                for name, versions in models.items() for number, loaded in versions.items()
            },
        }, target)

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=[("grpc.max_receive_message_length", -1)])
    servicer = Server(models, {"half_plus_two": {"stable": 1, "canary": 2}})
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(servicer, server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    versions = {name: version_of(name) for name in ["tensorflow-cpu", "tensorflow-serving-api", "grpcio", "protobuf"]}
    print(json.dumps({"address": f"127.0.0.1:{port}", "answers": answers, "versions": versions}), flush=True)
    sys.stdin.read()
    server.stop(0).wait()


if __name__ == "__main__":
    main()
