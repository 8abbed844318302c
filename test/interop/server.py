"""A gRPC server on C-core: answers as the lines on its stdin say. Its argument is the path of a descriptor set."""

import base64
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc

from commands import serve, tell
from messages import Messages, encode

messages = Messages(sys.argv[1])
servers = {}
behaviours = {}
calls = {}


def start(server, options=(), gzip=False):
    """Starts a server on a free port, which is the answer."""
    started = grpc.server(
        ThreadPoolExecutor(max_workers=32),
        options=[tuple(option) for option in options],
        compression=grpc.Compression.Gzip if gzip else None,
    )
    started.add_generic_rpc_handlers((Behaving(),))
    port = started.add_insecure_port("127.0.0.1:0")
    started.start()
    servers[server] = started
    return port


def stop(server, grace):
    """GOAWAY; calls may run on for the grace, in seconds."""
    servers.pop(server).stop(grace).wait()


def behave(path, **behaviour):
    """Says how a method answers from now on: see `Behaving`."""
    behaviours[path] = behaviour
    calls[path] = []


def seen(path):
    """What came to a method since it was told how to behave: the requests and the metadata of each call."""
    return calls[path]


class Behaving(grpc.GenericRpcHandler):
    """
    Handles all methods. A behaviour has:

    each       what is answered to each request as it comes
    responses  what is answered when all requests have come
    code       the status's name, if not OK; `details`: its text
    trailers   pairs; a value that is an object is a google.rpc.Status (code, message, details) to pack
    fail_first how many calls fail with UNAVAILABLE before the behaviour begins
    hang       seconds to wait before the end
    early      answers without reading the requests
    """

    def service(self, call_details):
        path = call_details.method
        method = messages.methods.get(path)
        if method is None or path not in behaviours:
            return None
        kind = "_".join("stream" if streams else "unary" for streams in method[2:])
        handler = getattr(grpc, f"{kind}_rpc_method_handler")
        answer = self._all if method.server_streaming else self._one
        return handler(
            lambda requests, context: answer(path, method, requests, context), messages.decoder(method.input), encode
        )

    def _one(self, path, method, requests, context):
        responses = list(self._all(path, method, requests, context))
        return responses[-1] if responses else b""

    def _all(self, path, method, requests, context):
        behaviour = behaviours[path]
        record = {"requests": [], "metadata": dict(context.invocation_metadata()), "time": time.monotonic()}
        record["metadata"] = {key: value for key, value in record["metadata"].items() if isinstance(value, str)}
        calls[path].append(record)
        context.add_callback(lambda: tell({"event": "ended", "path": path}))
        if len(calls[path]) <= behaviour.get("fail_first", 0):
            context.abort(grpc.StatusCode.UNAVAILABLE, "Not yet")
        if not behaviour.get("early"):
            for request in requests if method.client_streaming else [requests]:
                record["requests"].append(messages.to_json(request))
                if "each" in behaviour:
                    yield messages.from_json(method.output, behaviour["each"])
        for fields in behaviour.get("responses", ()):
            yield base64.b64decode(fields) if isinstance(fields, str) else messages.from_json(method.output, fields)
        if "hang" in behaviour:
            ended = threading.Event()
            context.add_callback(ended.set)
            ended.wait(behaviour["hang"])
        context.set_trailing_metadata([self._trailer(*pair) for pair in behaviour.get("trailers", ())])
        if "code" in behaviour:
            context.abort(grpc.StatusCode[behaviour["code"]], behaviour.get("details", ""))

    @staticmethod
    def _trailer(key, value):
        if isinstance(value, dict):
            return key, messages.pack_status(**value)
        return key, base64.b64decode(value) if key.endswith("-bin") else value


serve({command.__name__: command for command in (start, stop, behave, seen)})
