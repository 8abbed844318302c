"""How a test tells a Python process what to do: JSON lines on stdin, answers as JSON lines on stdout."""

import json
import os
import sys
import threading
import traceback

_output = threading.Lock()


def tell(line):
    with _output:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def serve(commands):
    """Runs commands, each in a thread of its own, until stdin ends: then whoever started the process has gone."""
    tell({"event": "ready"})
    for text in sys.stdin:
        threading.Thread(target=_run, args=(commands, json.loads(text)), daemon=True).start()
    os._exit(0)


def _run(commands, line):
    try:
        tell({"answer": line["id"], "result": commands[line["do"]](**line["with"])})
    except BaseException:
        tell({"answer": line["id"], "error": traceback.format_exc()})
