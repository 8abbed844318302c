"""Servers of grpcio that keep the small contract but for one thing each: server.py <violation>…

A server for each, each on a port of its own; a line "<violation> <port>" is printed for each. Messages are bytes here, so that no
code has to be generated.
"""

import sys
from concurrent import futures

import grpc

DOMAIN = "stock.example.com"


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def text_of(request):
    """The first field of a request, which is a text in all of them."""
    if not request:
        return ""
    if request[0] != 0x0A:
        raise ValueError("the message can't be decoded")
    return request[2 : 2 + request[1]].decode()


def any_of(type_name, value):
    return field(3, field(1, f"type.googleapis.com/{type_name}") + field(2, value))


class Stock:
    def __init__(self, violation):
        self.violation = violation

    def fail(self, context, code, message, reason, keys=None, pushback=None):
        keys = {"shelf": "3"} if self.violation == "metadata" else keys or {}
        domain = "stock.v1" if self.violation == "domain" else DOMAIN
        if self.violation == "status" and reason == "STOCK_BUSY":
            code = grpc.StatusCode.RESOURCE_EXHAUSTED
        entries = b"".join(field(3, field(1, key) + field(2, value)) for key, value in keys.items())
        details = any_of("google.rpc.ErrorInfo", field(1, reason) + field(2, domain) + entries)
        trailers = []
        if pushback is not None and self.violation != "pushback":
            trailers.append(("grpc-retry-pushback-ms", pushback))
            if pushback != "-1":
                details += any_of("google.rpc.RetryInfo", field(1, field(2, 250_000_000)))
        status = field(1, code.value[0]) + field(2, message) + details
        if self.violation != "noinfo":
            trailers.append(("grpc-status-details-bin", status))
        context.set_trailing_metadata(trailers)
        context.abort(code, message)

    def get_item(self, request, context):
        if request == "known":
            if self.violation == "undecodable":
                return b"\x0a\x7f"
            if self.violation == "trailers":
                context.set_trailing_metadata([("x-hint", "h" * 4000)])
            return field(1, request) + field(2, 3)
        if request == "counted":
            self.fail(context, grpc.StatusCode.ABORTED, "The item is being counted", "STOCK_BUSY", None, "250")
        if self.violation == "undeclared":
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")
        if self.violation == "leak":
            # grpcio sends the exception's text to the caller.
            raise KeyError("items[7]")
        if self.violation == "retriable":
            context.abort(grpc.StatusCode.UNAVAILABLE, "try again")
        self.fail(context, grpc.StatusCode.NOT_FOUND, f"There is no item {request}", "ITEM_NOT_FOUND", {"item": request})

    def list_items(self, _request, _context):
        yield field(1, "known")
        yield field(1, "counted")

    def reserve_item(self, _request, context):
        self.fail(context, grpc.StatusCode.FAILED_PRECONDITION, "None is left", "SOLD_OUT", None, "-1")

    def check(self, request, context):
        if self.violation == "health" or request != "stock.v1.StockService":
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return field(1, 1)


def serve(violation):
    stock = Stock(violation)
    limit = 1 << 30 if violation == "limit" else 65_536
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=8),
        options=[("grpc.max_receive_message_length", limit)],
    )
    unary = lambda handle: grpc.unary_unary_rpc_method_handler(handle, request_deserializer=text_of)
    methods = {
        "GetItem": unary(stock.get_item),
        "ListItems": grpc.unary_stream_rpc_method_handler(stock.list_items, request_deserializer=text_of),
    }
    if violation != "missing":
        methods["ReserveItem"] = unary(stock.reserve_item)
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler("stock.v1.StockService", methods),
            grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": unary(stock.check)}),
        )
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


servers = []
for name in sys.argv[1:]:
    started, bound = serve(name)
    servers.append(started)
    print(name, bound, flush=True)
# The pipe that the test holds says when to go.
sys.stdin.read(1)
