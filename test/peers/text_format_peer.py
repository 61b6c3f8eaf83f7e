"""Reads protobuf text format with Google's parser and writes it with Google's printer.

    text_format_peer.py DESCRIPTOR_SET

Standard input is {"cases": [{"type", "text"}]}. Standard output has one result a case: what the text holds in plain
words (as in plain-message.ts) and the same printed again, or the error.
"""

import json
import sys

from google.protobuf import message_factory, text_format
from google.protobuf import __version__ as protobuf_version
from protobuf_peer import pool_of_descriptor_set, to_plain


def answer(pool, case):
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName(case["type"]))()
    try:
        text_format.Parse(case["text"], message)
    except (text_format.ParseError, ValueError) as error:
        return {"error": str(error)}
    return {"plain": to_plain(message), "printed": text_format.MessageToString(message)}


def main():
    pool, _ = pool_of_descriptor_set(sys.argv[1])
    cases = json.load(sys.stdin)["cases"]
    json.dump({"version": protobuf_version, "results": [answer(pool, case) for case in cases]}, sys.stdout)


if __name__ == "__main__":
    main()
