"""The server of gRPC's interoperability tests, over grpcio: server.py <port> [<certificate> <key>]."""

import sys
import time
from concurrent import futures

import grpc
from protos import empty_pb2, messages_pb2, test_pb2_grpc

STATUSES = {code.value[0]: code for code in grpc.StatusCode}


def echo_metadata(context):
    received = dict(context.invocation_metadata())
    if "x-grpc-test-echo-initial" in received:
        context.send_initial_metadata((("x-grpc-test-echo-initial", received["x-grpc-test-echo-initial"]),))
    if "x-grpc-test-echo-trailing-bin" in received:
        trailing = received["x-grpc-test-echo-trailing-bin"]
        context.set_trailing_metadata((("x-grpc-test-echo-trailing-bin", trailing),))


def answer_status(request, context):
    if request.HasField("response_status") and request.response_status.code != 0:
        context.abort(STATUSES[request.response_status.code], request.response_status.message)


def responses(request, context):
    for parameters in request.response_parameters:
        time.sleep(parameters.interval_us / 1e6)
        if parameters.HasField("compressed") and not parameters.compressed.value:
            context.disable_next_message_compression()
        body = b"\0" * parameters.size
        yield messages_pb2.StreamingOutputCallResponse(payload=messages_pb2.Payload(body=body))


class TestServicer(test_pb2_grpc.TestServiceServicer):
    def EmptyCall(self, request, context):
        return empty_pb2.Empty()

    def UnaryCall(self, request, context):
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        echo_metadata(context)
        answer_status(request, context)
        return messages_pb2.SimpleResponse(payload=messages_pb2.Payload(body=b"\0" * request.response_size))

    def CacheableUnaryCall(self, request, context):
        context.send_initial_metadata((("cache-control", "max-age=60, public"),))
        body = str(time.time_ns()).encode()
        return messages_pb2.SimpleResponse(payload=messages_pb2.Payload(body=body))

    def StreamingOutputCall(self, request, context):
        if any(parameters.compressed.value for parameters in request.response_parameters):
            context.set_compression(grpc.Compression.Gzip)
        yield from responses(request, context)

    def StreamingInputCall(self, request_iterator, context):
        size = sum(len(request.payload.body) for request in request_iterator)
        return messages_pb2.StreamingInputCallResponse(aggregated_payload_size=size)

    def FullDuplexCall(self, request_iterator, context):
        echo_metadata(context)
        for request in request_iterator:
            answer_status(request, context)
            yield from responses(request, context)

    def HalfDuplexCall(self, request_iterator, context):
        for request in list(request_iterator):
            yield from responses(request, context)


def main():
    port, *tls = sys.argv[1:]
    options = [("grpc.max_receive_message_length", -1)]
    server = grpc.server(futures.ThreadPoolExecutor(32), options=options)
    test_pb2_grpc.add_TestServiceServicer_to_server(TestServicer(), server)
    address = f"127.0.0.1:{port}"
    if tls:
        certificate, key = (open(path, "rb").read() for path in tls)
        server.add_secure_port(address, grpc.ssl_server_credentials(((key, certificate),)))
    else:
        server.add_insecure_port(address)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
