"""Reads and writes messages with Google's protobuf, for comparison with the generated TypeScript.

    protobuf_peer.py ours DESCRIPTOR_SET    messages made from a descriptor set of protos/
    protobuf_peer.py official               the messages that tensorflow-serving-api and tensorflow ship

Standard input is {"cases": [{"type", "value", "bytes"}]}: a message in plain words, and another's bytes (base64).
Standard output has one result a case: what the bytes hold in plain words, whether they hold unknown fields, and the
bytes of the value; null where the type is not known. Plain words are explained in plain-message.ts.
"""

import base64
import importlib
import json
import os
import struct
import sys

from google.protobuf import __version__ as protobuf_version
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor as Field

INTEGERS = {
    Field.TYPE_INT32, Field.TYPE_INT64, Field.TYPE_UINT32, Field.TYPE_UINT64, Field.TYPE_SINT32, Field.TYPE_SINT64,
}


def pool_of_descriptor_set(path):
    files = descriptor_pb2.FileDescriptorSet()
    with open(path, "rb") as source:
        files.ParseFromString(source.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool, {"protobuf": protobuf_version}


def pool_of_official_packages():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow
    from importlib.metadata import version

    root = os.path.dirname(os.path.dirname(tensorflow.__file__))
    for folder, _, files in os.walk(os.path.join(root, "tensorflow_serving")):
        for file in files:
            if file.endswith("_pb2.py"):
                path = os.path.relpath(os.path.join(folder, file), root)
                importlib.import_module(path[: -len(".py")].replace(os.sep, "."))
    versions = {"protobuf": protobuf_version, "tensorflow": tensorflow.__version__}
    versions["tensorflow-serving-api"] = version("tensorflow-serving-api")
    return descriptor_pool.Default(), versions


def to_plain(message):
    plain = {}
    for field, value in message.ListFields():
        if field.message_type and field.message_type.GetOptions().map_entry:
            item = field.message_type.fields_by_name["value"]
            plain[field.name] = [[key, value_to_plain(item, value[key])] for key in value]
        elif field.is_repeated:
            plain[field.name] = [value_to_plain(field, item) for item in value]
        else:
            plain[field.name] = value_to_plain(field, value)
    return plain


def value_to_plain(field, value):
    if field.type == Field.TYPE_MESSAGE:
        return to_plain(value)
    if field.type == Field.TYPE_FLOAT:
        return struct.pack(">f", value).hex()
    if field.type == Field.TYPE_DOUBLE:
        return struct.pack(">d", value).hex()
    if field.type == Field.TYPE_BYTES:
        return base64.b64encode(value).decode()
    return str(value) if field.type in INTEGERS else value


def fill(message, plain):
    for name, value in plain.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        target = getattr(message, name)
        if field.message_type and field.message_type.GetOptions().map_entry:
            item = field.message_type.fields_by_name["value"]
            for key, entry in value:
                if item.type == Field.TYPE_MESSAGE:
                    fill(target[key], entry)
                else:
                    target[key] = value_of_plain(item, entry)
        elif field.type == Field.TYPE_MESSAGE:
            if field.is_repeated:
                for entry in value:
                    fill(target.add(), entry)
            else:
                target.SetInParent()
                fill(target, value)
        elif field.is_repeated:
            target.extend(value_of_plain(field, entry) for entry in value)
        else:
            setattr(message, name, value_of_plain(field, value))


def value_of_plain(field, value):
    if field.type == Field.TYPE_FLOAT:
        return struct.unpack(">f", bytes.fromhex(value))[0]
    if field.type == Field.TYPE_DOUBLE:
        return struct.unpack(">d", bytes.fromhex(value))[0]
    if field.type == Field.TYPE_BYTES:
        return base64.b64decode(value)
    return int(value) if field.type in INTEGERS else value


def answer(pool, case):
    try:
        descriptor = pool.FindMessageTypeByName(case["type"])
    except KeyError:
        return None
    message_class = message_factory.GetMessageClass(descriptor)
    given = message_class()
    fill(given, case["value"])
    read = message_class.FromString(base64.b64decode(case["bytes"]))
    size = read.ByteSize()
    decoded = to_plain(read)
    read.DiscardUnknownFields()
    return {
        "decoded": decoded,
        "unknown": read.ByteSize() != size,
        "encoded": base64.b64encode(given.SerializeToString()).decode(),
        "fields": {field.name: field.number for field in descriptor.fields},
    }


def main():
    pool, versions = pool_of_descriptor_set(sys.argv[2]) if sys.argv[1] == "ours" else pool_of_official_packages()
    cases = json.load(sys.stdin)["cases"]
    json.dump({"versions": versions, "results": [answer(pool, case) for case in cases]}, sys.stdout)


if __name__ == "__main__":
    main()
