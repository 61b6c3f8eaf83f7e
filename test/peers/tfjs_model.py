"""Makes a SavedModel of a TensorFlow.js graph model, for TensorFlow to run it.

The format is the one that tensorflowjs writes: the graph as JSON, and the values of its constants in files of
weights, where 64-bit integers are narrowed to int32 and floats may be quantized. The graph keeps the dtypes they had.
"""

import json
import os
import struct

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.framework import graph_pb2

TEXTS = [
    "import numpy as np\n\nclass A:\n    def run(self):\n        return [x for x in range(10)]\n",
    "#include <stdio.h>\n\nint main(void) {\n  printf(\"hi\\n\");\n  return 0;\n}\n",
    "SELECT name, COUNT(*) FROM people WHERE age > 30 GROUP BY name;\n",
    "Grüße, 世界\n",
    "",
]


def read_weights(folder, manifest):
    weights = {}
    for group in manifest:
        data = b""
        for path in group["paths"]:
            with open(os.path.join(folder, path), "rb") as source:
                data += source.read()
        offset = 0
        for entry in group["weights"]:
            size = int(np.prod(entry["shape"]))
            if entry["dtype"] == "string":
                array = np.empty(size, dtype=object)
                for index in range(size):
                    (length,) = struct.unpack_from("<I", data, offset)
                    array[index] = data[offset + 4 : offset + 4 + length]
                    offset += 4 + length
            else:
                how = entry.get("quantization")
                stored = np.dtype((how or entry)["dtype"]).newbyteorder("<")
                array = np.frombuffer(data, stored, size, offset)
                offset += size * stored.itemsize
                if how:
                    array = (array * np.float64(how["scale"]) + how["min"]).astype(np.float32)
            weights[entry["name"]] = array.reshape(entry["shape"])
    return weights


def save_tfjs_model(folder, path):
    """Saves the model, and returns what TensorFlow makes of some texts when it runs the graph as it is."""
    with open(os.path.join(folder, "model.json")) as source:
        model = json.load(source)
    weights = read_weights(folder, model["weightsManifest"])
    definition = graph_pb2.GraphDef()
    json_format.ParseDict(model["modelTopology"], definition)
    functions = [node for function in definition.library.function for node in function.node_def]
    for node in [*definition.node, *functions]:
        if node.op == "Const":
            value = weights[node.name]
            dtype = tf.as_dtype(node.attr["dtype"].type)
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, dtype, value.shape))

    names = {side: {key: info["name"] for key, info in model["signature"][side].items()} for side in ["inputs", "outputs"]}
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        tf.import_graph_def(definition, name="")
        infos = {
            side: {key: v1.saved_model.build_tensor_info(graph.get_tensor_by_name(name)) for key, name in named.items()}
            for side, named in names.items()
        }
        signature = v1.saved_model.build_signature_def(infos["inputs"], infos["outputs"], "tensorflow/serving/predict")
        builder = v1.saved_model.Builder(path)
        builder.add_meta_graph_and_variables(
            session, [tf.saved_model.SERVING], signature_def_map={"serving_default": signature}
        )
        builder.save()
        (given,) = names["inputs"].values()
        texts = np.array([text.encode() for text in TEXTS], dtype=object)
        outputs = session.run(names["outputs"], {given: texts})
    (name,) = names["inputs"]
    dtypes = {"scores": tf.float32, "classes": tf.string}
    return [{
        "signature": "serving_default",
        "inputs": {name: (tf.string, texts)},
        "outputs": {key: (dtypes[key], value) for key, value in outputs.items()},
    }]
