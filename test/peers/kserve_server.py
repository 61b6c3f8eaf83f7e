"""KServe's model server on 127.0.0.1: a REST server of the v1 protocol from other hands.

Prints one line of JSON when it is ready, ends when standard input ends.
"""

import json
import os
import socket
import sys
import threading
from importlib.metadata import version

from kserve import Model
from kserve.errors import InvalidInput
from kserve.model_repository import ModelRepository
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer


class Function(Model):
    """A model that is a function of its instances."""

    def __init__(self, name, function):
        super().__init__(name)
        self.function = function
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        return {"predictions": self.function(payload["instances"])}


def half_plus_two(instances):
    return [instance["x"] * 0.5 + 2 for instance in instances]


def describe(instances):
    return [
        {"total": sum(instance["numbers"]), "label": f"{instance['name']}:{instance['id']}"} for instance in instances
    ]


def refuse(instances):
    raise InvalidInput(f"{len(instances)} instances are not to its taste")


def main():
    models = ModelRepository()
    for name, function in {"half_plus_two": half_plus_two, "describe": describe, "refuse": refuse}.items():
        models.update(Function(name, function))
    listener = socket.create_server(("127.0.0.1", 0))
    server = RESTServer(
        "kserve.model_server:app", DataPlane(models), ModelRepositoryExtension(models), http_port=0, grace_period=1
    )

    def end_with_input():
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_input, daemon=True).start()
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    # Connections wait in the listener's queue until the server takes them.
    print(json.dumps({"address": address, "version": version("kserve")}), flush=True)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
