"""
Asks the standard and C-core what they think of service configs.

Its argument is the path of a descriptor set with grpc.service_config.ServiceConfig. On stdin, it takes a JSON list of
service configs, as texts. On stdout, it gives a JSON list of objects: what is wrong by the standard's own schema, and how a
call on a channel with the config ends.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


def service_config_class(path):
    with open(path, "rb") as file:
        descriptors = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in descriptors.file:
        pool.Add(file)
    found = pool.FindMessageTypeByName("grpc.service_config.ServiceConfig")
    return message_factory.MessageFactory(pool).GetPrototype(found)


class Echo(grpc.GenericRpcHandler):
    """Handles all methods but those of the health service, which it doesn't have."""

    def service(self, details):
        if details.method.startswith("/grpc.health."):
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request)


def standard(ServiceConfig, text):
    """What the schema says against it; nothing if it is right. Unknown fields are wrong."""
    try:
        json_format.Parse(text, ServiceConfig())
        return None
    except json_format.ParseError as error:
        return str(error)


def c_core(target, text):
    """The code of a call. Channels with a config that C-core doesn't take fail each call."""
    with grpc.insecure_channel(target, options=[("grpc.service_config", text)]) as channel:
        try:
            echo = channel.unary_unary("/any.Service/Method")
            return "OK" if echo(b"hello", timeout=10) == b"hello" else "wrong answer"
        except grpc.RpcError as error:
            return f"{error.code().name}: {error.details()}"


def main():
    ServiceConfig = service_config_class(sys.argv[1])
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    server.add_generic_rpc_handlers((Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    verdicts = [
        {"standard": standard(ServiceConfig, text), "cCore": c_core(f"127.0.0.1:{port}", text)}
        for text in json.load(sys.stdin)
    ]
    json.dump(verdicts, sys.stdout)
    server.stop(0).wait()


main()
