"""Makes SavedModels and says what TensorFlow itself makes of inputs to them.

Each maker saves a model and returns the cases to ask a server about it, worked out by calling the functions in this
process, not through any signature, session or wire.
"""

import os

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

NUMBERS = [
    tf.float16, tf.bfloat16, tf.float32, tf.float64, tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16,
    tf.uint32, tf.uint64, tf.complex64, tf.complex128,
]
DTYPES = [*NUMBERS, tf.bool, tf.string]

CLASSIFY = "tensorflow/serving/classify"
REGRESS = "tensorflow/serving/regress"
LABELS = ["no", "maybe", "yes"]


def sample(dtype, shape, random):
    """Values of a dtype: its extremes and odd cases first, the rest at random."""
    size = int(np.prod(shape))
    numpy_type = dtype.as_numpy_dtype
    if dtype == tf.string:
        odd = [b"", "Grüße, 世界".encode(), b"\x00\xff\xfe", b"x" * 300]
        values = odd + [random.bytes(int(length)) for length in random.integers(0, 9, size)]
        array = np.empty(size, dtype=object)
        array[:] = values[:size]
    elif dtype == tf.bool:
        array = random.integers(0, 2, size).astype(np.bool_)
    elif dtype.is_integer:
        array = random.integers(dtype.min, dtype.max, size, dtype=numpy_type, endpoint=True)
        array[: min(size, 3)] = np.array([dtype.min, dtype.max, 1], dtype=numpy_type)[:size]
    elif dtype.is_complex:
        parts = random.normal(size=(size, 2))
        array = (parts[:, 0] + 1j * parts[:, 1]).astype(numpy_type)
        array[: min(size, 2)] = np.array([complex(np.inf, -0.0), complex(np.nan, 1)], dtype=numpy_type)[:size]
    else:
        array = (random.normal(size=size) * 1000).astype(numpy_type)
        odd = np.array([np.inf, -np.inf, np.nan, -0.0, dtype.max, dtype.min, 1e-7], dtype=np.float64)
        array[: min(size, 7)] = odd.astype(numpy_type)[:size]
    return array.reshape(shape)


def arithmetic(dtype):
    """The function behind `compute_DTYPE`, on rows of two."""
    if dtype == tf.string:
        return lambda x: tf.strings.join([x, tf.strings.as_string(tf.strings.length(x))], separator="/")
    if dtype == tf.bool:
        return lambda x: tf.math.logical_xor(x, tf.reverse(x, axis=[1]))
    return lambda x: x * tf.cast(3, dtype) + tf.reverse(x, axis=[1])


def save_dtypes(path):
    """For each dtype `identity_DTYPE`, of any shape, and `compute_DTYPE`, on rows of two."""
    module = tf.Module()
    signatures, cases = {}, []
    random = np.random.default_rng(20260730)
    with np.errstate(all="ignore"):
        for dtype in DTYPES:
            signatures[f"identity_{dtype.name}"] = tf.function(
                lambda x: {"y": tf.identity(x)}, input_signature=[tf.TensorSpec(None, dtype, name="x")]
            )
            for shape in [(), (1,), (9,), (0,), (2, 0), (3, 4), (2, 1, 3, 2)]:
                x = sample(dtype, shape, random)
                cases.append({"signature": f"identity_{dtype.name}", "inputs": {"x": (dtype, x)}, "outputs": {"y": (dtype, x)}})

            compute = arithmetic(dtype)
            signatures[f"compute_{dtype.name}"] = tf.function(
                lambda x, compute=compute: {"y": compute(x)}, input_signature=[tf.TensorSpec([None, 2], dtype, name="x")]
            )
            for rows in [1, 5]:
                x = sample(dtype, (rows, 2), random)
                y = compute(tf.constant(x, dtype)).numpy()
                cases.append({"signature": f"compute_{dtype.name}", "inputs": {"x": (dtype, x)}, "outputs": {"y": (dtype, y)}})

    def mixed(numbers, names, flags):
        return {
            "total": tf.reduce_sum(numbers, axis=1),
            "labels": tf.where(flags, names, tf.constant("-")),
            "count": tf.reduce_sum(tf.cast(flags, tf.int64)),
        }

    signatures["mixed"] = tf.function(
        mixed,
        input_signature=[
            tf.TensorSpec([None, 3], tf.float64, name="numbers"),
            tf.TensorSpec([None], tf.string, name="names"),
            tf.TensorSpec([None], tf.bool, name="flags"),
        ],
    )
    inputs = {
        "numbers": (tf.float64, random.normal(size=(4, 3))),
        "names": (tf.string, np.array([b"a", b"", b"\xff", "ü".encode()], dtype=object)),
        "flags": (tf.bool, np.array([True, False, True, True])),
    }
    outputs = mixed(**{name: tf.constant(value, dtype) for name, (dtype, value) in inputs.items()})
    cases.append({
        "signature": "mixed",
        "inputs": inputs,
        "outputs": {name: (value.dtype, value.numpy()) for name, value in outputs.items()},
    })
    tf.saved_model.save(module, path, signatures={name: f.get_concrete_function() for name, f in signatures.items()})
    return cases


class Affine(tf.Module):
    """y = slope * x + 2, with the slope in a variable: a model that has something to restore."""

    def __init__(self, slope):
        super().__init__()
        self.slope = tf.Variable(slope, dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def __call__(self, x):
        return {"y": self.slope * x + 2.0}


def save_affine(path, slope):
    module = Affine(slope)
    tf.saved_model.save(module, path, signatures=module.__call__)
    x = np.array([1.0, 2.0, 5.0, np.nan, 1e30], dtype=np.float32)
    y = module(tf.constant(x))["y"].numpy()
    return [{"signature": "serving_default", "inputs": {"x": (tf.float32, x)}, "outputs": {"y": (tf.float32, y)}}]


def save_sequences(path):
    """Rows of any length: an output as long as its row, and one of one value a row."""
    def halves(x):
        return {"y": x * 0.5 + 2.0, "first": x[:, 0]}

    spec = tf.TensorSpec([None, None], tf.float32, name="x")
    tf.saved_model.save(tf.Module(), path, signatures=tf.function(halves, input_signature=[spec]))
    x = np.array([[1.0, 2.0, 5.0], [-1.0, np.nan, 1e30]], dtype=np.float32)
    y = {name: (tf.float32, value.numpy()) for name, value in halves(tf.constant(x)).items()}
    return [{"signature": "serving_default", "inputs": {"x": (tf.float32, x)}, "outputs": y}]


FEATURES = {
    "age": tf.io.FixedLenFeature([1], tf.int64),
    "weights": tf.io.FixedLenFeature([2], tf.float32),
    "job": tf.io.FixedLenFeature([1], tf.string, default_value=["none"]),
    "tags": tf.io.VarLenFeature(tf.string),
    "country": tf.io.FixedLenFeature([1], tf.string, default_value=["?"]),
}


def scores_of(serialized):
    parsed = tf.io.parse_example(serialized, FEATURES)
    tags = tf.sparse.to_dense(parsed["tags"])
    tag_count = tf.reduce_sum(tf.cast(tf.strings.length(tags) > 0, tf.float32), axis=1, keepdims=True)
    words = tf.strings.length(parsed["job"]) + 10 * tf.strings.length(parsed["country"])
    age = tf.cast(parsed["age"], tf.float32)
    return tf.concat([parsed["weights"] * age, tag_count + tf.cast(words, tf.float32) * 0.3], axis=1)


def classify_rows(inputs):
    scores = scores_of(inputs)
    classes = tf.tile(tf.constant([LABELS]), [tf.shape(scores)[0], 1])
    return {"classes": classes, "scores": scores}


def save_examples(path):
    """`classify`, `regress`, and each with only a part of its outputs."""
    rows = tf.TensorSpec([None], tf.string, name="inputs")
    functions = {
        "classify": (CLASSIFY, classify_rows),
        "classify_scores": (CLASSIFY, lambda inputs: {"scores": scores_of(inputs)}),
        "classify_classes": (CLASSIFY, lambda inputs: {"classes": classify_rows(inputs)["classes"]}),
        "regress": (REGRESS, lambda inputs: {"outputs": tf.reduce_sum(scores_of(inputs), axis=1, keepdims=True)}),
        "regress_flat": (REGRESS, lambda inputs: {"outputs": tf.reduce_sum(scores_of(inputs), axis=1)}),
    }
    signatures = {
        name: tf.function(function, input_signature=[rows]).get_concrete_function()
        for name, (_, function) in functions.items()
    }
    tf.saved_model.save(tf.Module(), path, signatures=signatures)
    edit_signatures(path, lambda found: [
        setattr(found[name], "method_name", method) for name, (method, _) in functions.items()
    ])

    def serialize(row):
        example = tf.train.Example()
        for name, (kind, values) in row.items():
            getattr(example.features.feature[name], f"{kind}_list").value.extend(values)
        return example.SerializeToString()

    rows = [
        {
            "age": ("int64", [35]),
            "weights": ("float", [0.5, -1.25]),
            "job": ("bytes", [b"clerk"]),
            "tags": ("bytes", [b"a", b"b", "ü".encode()]),
        },
        {"age": ("int64", [-(2**53) - 1]), "weights": ("float", [1e-20, 3.4e38]), "job": ("bytes", [b"\xff\x00"])},
        {"age": ("int64", [0]), "weights": ("float", [0.1, 0.2]), "tags": ("bytes", [b"one"])},
    ]
    cases = []
    for context in [{}, {"country": ("bytes", [b"NL"])}]:
        classified = classify_rows(tf.constant([serialize({**context, **row}) for row in rows]))
        cases.append({
            "examples": rows,
            "context": context,
            "classes": classified["classes"].numpy(),
            "scores": classified["scores"].numpy(),
            "sums": tf.reduce_sum(classified["scores"], axis=1).numpy(),
        })
    return cases


def save_structured(path):
    """Signatures that only metadata can show: sparse and ragged tensors, and an input with a default."""
    graph = tf.Graph()
    with graph.as_default(), tf.compat.v1.Session(graph=graph) as session:
        v1 = tf.compat.v1
        sparse = v1.sparse_placeholder(tf.float32, shape=[None, 4])
        ragged = v1.ragged.placeholder(tf.int64, ragged_rank=1)
        x = v1.placeholder(tf.float32, shape=[None], name="x")
        scale = v1.placeholder(tf.float32, shape=[], name="scale")
        info = v1.saved_model.build_tensor_info
        signatures = {
            "sparse": v1.saved_model.build_signature_def(
                {"s": info(sparse)}, {"dense": info(tf.sparse.to_dense(sparse))}, "tensorflow/serving/predict"
            ),
            "ragged": v1.saved_model.build_signature_def(
                {"r": info(ragged)}, {"flat": info(tf.identity(ragged.flat_values))}, "tensorflow/serving/predict"
            ),
            "scaled": v1.saved_model.build_signature_def(
                {"x": info(x), "scale": info(scale)}, {"y": info(x * scale)}, "tensorflow/serving/predict"
            ),
        }
        signatures["scaled"].defaults["scale"].CopyFrom(tf.make_tensor_proto(2.5, tf.float32))
        builder = v1.saved_model.Builder(path)
        builder.add_meta_graph_and_variables(session, [tf.saved_model.SERVING], signature_def_map=signatures)
        builder.save()
    x = np.array([1.0, -3.0], dtype=np.float32)
    return [{
        "signature": "scaled",
        "inputs": {"x": (tf.float32, x)},
        "outputs": {"y": (tf.float32, x * np.float32(2.5))},
    }]


def edit_signatures(path, edit):
    file = os.path.join(path, "saved_model.pb")
    model = saved_model_pb2.SavedModel()
    with open(file, "rb") as source:
        model.ParseFromString(source.read())
    edit(model.meta_graphs[0].signature_def)
    with open(file, "wb") as target:
        target.write(model.SerializeToString())
