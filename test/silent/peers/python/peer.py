"""A peer of grpcio: it serves and calls as the lines on its stdin say (see ../../peers.ts). Messages are bytes here, so that no code
has to be generated.
"""

import threading
import time
from concurrent import futures

import grpc

from commands import serve as serve_commands

SERVICE = "probe.v1.ProbeService"
servers = []


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, value):
    return varint(number << 3 | 2) + varint(len(value)) + value


def answer(request, _context):
    wait_ms, size = request[2 : 2 + request[1]].decode().split()
    time.sleep(int(wait_ms) / 1000)
    return field(4, bytes(int(size)))


def answers(request, context):
    yield answer(request, context)


def serve():
    """Starts a server with default options, and threads for all that wait at a time. The result is its port."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=100))
    methods = {
        "Unary": grpc.unary_unary_rpc_method_handler(answer),
        "ServerStream": grpc.unary_stream_rpc_method_handler(answers),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    servers.append(server)
    return port


def call(target, stream, count, everyMs, waitMs, requestBytes, responseBytes, keepaliveMs=None):
    """Makes calls on a connection of their own. The result is how each has ended."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    if keepaliveMs is not None:
        options.append(("grpc.keepalive_time_ms", keepaliveMs))
    ends = ["?"] * count
    with grpc.insecure_channel(target, options) as channel:
        one = channel.unary_stream(f"/{SERVICE}/ServerStream") if stream else channel.unary_unary(f"/{SERVICE}/Unary")
        request = field(1, f"{waitMs} {responseBytes}".encode()) + field(5, bytes(requestBytes))

        def make(index):
            try:
                response = one(request)
                ends[index] = "OK" if not stream or list(response) else "no response"
            except grpc.RpcError as error:
                ends[index] = f"{error.code().name}: {error.details()}"

        threads = [threading.Thread(target=make, args=(index,)) for index in range(count)]
        for thread in threads:
            thread.start()
            time.sleep(everyMs / 1000)
        for thread in threads:
            thread.join()
    return ends


serve_commands({command.__name__: command for command in (serve, call)})
