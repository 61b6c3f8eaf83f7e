"""pythie-serving on 127.0.0.1, with a table as its model: a gRPC server of the same protocol from other hands.

    pythie_server.py FOLDER

Prints one line of JSON when it is ready, ends when standard input ends. The package's own start-up is not used: it
binds all addresses and does not tell the port.
"""

import json
import os
import sys
from concurrent import futures
from importlib.metadata import version

import grpc
from pythie_serving.table_wrapper import TablePredictionServiceServicer
from pythie_serving.tensorflow_proto.tensorflow_serving.apis import prediction_service_pb2_grpc
from pythie_serving.tensorflow_proto.tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "prices.csv"), "w", encoding="utf-8") as table:
        table.write("fruit,count,price\napple,1,30\napple,9007199254740993,20\nbärë,1,-7\n")
    with open(os.path.join(folder, "metadata.json"), "w") as metadata:
        json.dump({
            "feature_names": ["fruit", "count"],
            "target_name": "price",
            "data_type": {"fruit": "str", "count": "int", "price": "int"},
            "default_value": -1,
        }, metadata)
    config = ModelServerConfig()
    config.model_config_list.config.add(name="prices", base_path=folder, model_platform="table")

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    servicer = TablePredictionServiceServicer(model_server_config=config)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(json.dumps({"address": f"127.0.0.1:{port}", "version": version("pythie-serving")}), flush=True)
    sys.stdin.read()
    server.stop(0).wait()


if __name__ == "__main__":
    main()
