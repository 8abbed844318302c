"""A client of gRPC's interoperability tests, over grpcio: client.py <case> <port> [<ca> <server name>].

The cases are those of interop-test-descriptions.md. It exits with 0 if the case holds.
"""

import itertools
import queue
import sys
import threading
import time
from concurrent import futures

import grpc
from protos import empty_pb2, messages_pb2, test_pb2_grpc

TIMEOUT = 30
LARGE_REQUEST = 271828
LARGE_RESPONSE = 314159
VERY_LARGE = 10 << 20
REQUEST_SIZES = (27182, 8, 1828, 45904)
RESPONSE_SIZES = (31415, 9, 2653, 58979)
SOAK_ITERATIONS = 100
ECHOES = (
    ("x-grpc-test-echo-initial", "test_initial_metadata_value"),
    ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab"),
)


def payload(size):
    return messages_pb2.Payload(body=b"\0" * size)


def ping(index):
    return messages_pb2.StreamingOutputCallRequest(
        response_parameters=[messages_pb2.ResponseParameters(size=RESPONSE_SIZES[index])],
        payload=payload(REQUEST_SIZES[index]),
    )


def boolean(value):
    return messages_pb2.BoolValue(value=value)


def large_unary_on(stub, request_size=LARGE_REQUEST, response_size=LARGE_RESPONSE, compression=None, **fields):
    request = messages_pb2.SimpleRequest(response_size=response_size, payload=payload(request_size), **fields)
    response = stub.UnaryCall(request, timeout=TIMEOUT, compression=compression)
    assert len(response.payload.body) == response_size


def failure(call, status, details=None):
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == status, error
        assert details is None or error.details() == details, error
    else:
        raise AssertionError(f"it should have failed with {status}")


class Requests:
    """Requests that are sent when they are put in."""

    def __init__(self):
        self._queue = queue.Queue()

    def put(self, request):
        self._queue.put(request)

    def close(self):
        self._queue.put(None)

    def __iter__(self):
        return iter(self._queue.get, None)


def empty_unary(open_channel):
    stub(open_channel).EmptyCall(empty_pb2.Empty(), timeout=TIMEOUT)


def large_unary(open_channel):
    large_unary_on(stub(open_channel))


def very_large_request(open_channel):
    large_unary_on(stub(open_channel), request_size=VERY_LARGE, response_size=VERY_LARGE)


def concurrent_large_unary(open_channel):
    shared = stub(open_channel)
    with futures.ThreadPoolExecutor(20) as threads:
        for done in [threads.submit(large_unary_on, shared) for _ in range(SOAK_ITERATIONS)]:
            done.result()


def rpc_soak(open_channel):
    shared = stub(open_channel)
    for _ in range(SOAK_ITERATIONS):
        large_unary_on(shared)


def channel_soak(open_channel):
    for _ in range(SOAK_ITERATIONS):
        with open_channel() as channel:
            large_unary_on(test_pb2_grpc.TestServiceStub(channel))


def rpc_soak_while_connections_leave(open_channel):
    """As soak.ts has it: ten threads, twenty seconds, and no call is lost."""
    shared = stub(open_channel)

    def soak(_):
        for _ in range(400):
            started = time.monotonic()
            shared.UnaryCall(messages_pb2.SimpleRequest(response_size=1000, payload=payload(1000)), timeout=TIMEOUT)
            time.sleep(max(0, 0.05 - (time.monotonic() - started)))

    with futures.ThreadPoolExecutor(10) as threads:
        list(threads.map(soak, range(10)))


def client_compressed_unary(open_channel):
    probe = stub(open_channel)
    failure(lambda: large_unary_on(probe, expect_compressed=boolean(True)), grpc.StatusCode.INVALID_ARGUMENT)
    client_compressed_unary_noprobe(open_channel)


def client_compressed_unary_noprobe(open_channel):
    shared = stub(open_channel)
    large_unary_on(shared, compression=grpc.Compression.Gzip, expect_compressed=boolean(True))
    large_unary_on(shared, expect_compressed=boolean(False))


def client_compressed_unary_deflate(open_channel):
    large_unary_on(stub(open_channel), compression=grpc.Compression.Deflate, expect_compressed=boolean(True))


def client_compressed_streaming_noprobe(open_channel):
    requests = (
        messages_pb2.StreamingInputCallRequest(payload=payload(size), expect_compressed=boolean(True))
        for size in (27182, 45904)
    )
    call = stub(open_channel).StreamingInputCall
    response = call(requests, timeout=TIMEOUT, compression=grpc.Compression.Gzip)
    assert response.aggregated_payload_size == 73086


def server_compressed_unary(open_channel):
    # grpcio doesn't tell whether a message came compressed; that it can be read is what is seen.
    shared = stub(open_channel)
    large_unary_on(shared, response_compressed=boolean(True))
    large_unary_on(shared, response_compressed=boolean(False))


def client_streaming(open_channel):
    requests = (messages_pb2.StreamingInputCallRequest(payload=payload(size)) for size in REQUEST_SIZES)
    response = stub(open_channel).StreamingInputCall(requests, timeout=TIMEOUT)
    assert response.aggregated_payload_size == 74922


def server_streaming(open_channel):
    parameters = [messages_pb2.ResponseParameters(size=size) for size in RESPONSE_SIZES]
    request = messages_pb2.StreamingOutputCallRequest(response_parameters=parameters)
    sizes = [len(response.payload.body) for response in stub(open_channel).StreamingOutputCall(request, timeout=TIMEOUT)]
    assert sizes == list(RESPONSE_SIZES), sizes


def ping_pong(open_channel):
    requests = Requests()
    responses = stub(open_channel).FullDuplexCall(iter(requests), timeout=TIMEOUT)
    for index, size in enumerate(RESPONSE_SIZES):
        requests.put(ping(index))
        assert len(next(responses).payload.body) == size
    requests.close()
    assert list(responses) == []


def empty_stream(open_channel):
    assert list(stub(open_channel).FullDuplexCall(iter(()), timeout=TIMEOUT)) == []


def half_duplex(open_channel):
    responses = stub(open_channel).HalfDuplexCall((ping(index) for index in range(4)), timeout=TIMEOUT)
    sizes = [len(response.payload.body) for response in responses]
    assert sizes == list(RESPONSE_SIZES), sizes


def custom_metadata(open_channel):
    shared = stub(open_channel)
    request = messages_pb2.SimpleRequest(response_size=LARGE_RESPONSE, payload=payload(LARGE_REQUEST))
    _, call = shared.UnaryCall.with_call(request, timeout=TIMEOUT, metadata=ECHOES)
    sees_echoes(call)
    streamed = messages_pb2.StreamingOutputCallRequest(
        response_parameters=[messages_pb2.ResponseParameters(size=LARGE_RESPONSE)], payload=payload(LARGE_REQUEST)
    )
    call = shared.FullDuplexCall(iter((streamed,)), timeout=TIMEOUT, metadata=ECHOES)
    assert len(list(call)) == 1
    sees_echoes(call)


def sees_echoes(call):
    (initial, trailing) = ECHOES
    assert initial in [tuple(pair) for pair in call.initial_metadata()]
    assert trailing in [tuple(pair) for pair in call.trailing_metadata()]


def status_code_and_message(open_channel):
    shared = stub(open_channel)
    status = messages_pb2.EchoStatus(code=2, message="test status message")
    expected = (grpc.StatusCode.UNKNOWN, status.message)
    failure(lambda: shared.UnaryCall(messages_pb2.SimpleRequest(response_status=status), timeout=TIMEOUT), *expected)
    streamed = messages_pb2.StreamingOutputCallRequest(response_status=status)
    failure(lambda: list(shared.FullDuplexCall(iter((streamed,)), timeout=TIMEOUT)), *expected)


def special_status_message(open_channel):
    message = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
    request = messages_pb2.SimpleRequest(response_status=messages_pb2.EchoStatus(code=2, message=message))
    call = stub(open_channel).UnaryCall
    failure(lambda: call(request, timeout=TIMEOUT), grpc.StatusCode.UNKNOWN, message)


def unimplemented_method(open_channel):
    call = stub(open_channel).UnimplementedCall
    failure(lambda: call(empty_pb2.Empty(), timeout=TIMEOUT), grpc.StatusCode.UNIMPLEMENTED)


def unimplemented_service(open_channel):
    call = test_pb2_grpc.UnimplementedServiceStub(open_channel()).UnimplementedCall
    failure(lambda: call(empty_pb2.Empty(), timeout=TIMEOUT), grpc.StatusCode.UNIMPLEMENTED)


def cancel_after_begin(open_channel):
    requests = Requests()
    call = stub(open_channel).StreamingInputCall.future(iter(requests), timeout=TIMEOUT)
    call.cancel()
    assert call.cancelled()
    requests.close()


def cancel_after_first_response(open_channel):
    requests = Requests()
    responses = stub(open_channel).FullDuplexCall(iter(requests), timeout=TIMEOUT)
    requests.put(ping(0))
    assert len(next(responses).payload.body) == RESPONSE_SIZES[0]
    responses.cancel()
    failure(lambda: next(responses), grpc.StatusCode.CANCELLED)
    requests.close()


def timeout_on_sleeping_server(open_channel):
    request = messages_pb2.StreamingOutputCallRequest(
        payload=payload(27182),
        response_parameters=[messages_pb2.ResponseParameters(size=31415, interval_us=10_000_000)],
    )
    call = stub(open_channel).FullDuplexCall
    failure(lambda: list(call(iter((request,)), timeout=0.001)), grpc.StatusCode.DEADLINE_EXCEEDED)


def stub(open_channel):
    return test_pb2_grpc.TestServiceStub(open_channel())


CASES = {
    case.__name__: case
    for case in (
        empty_unary,
        large_unary,
        very_large_request,
        concurrent_large_unary,
        client_compressed_unary,
        client_compressed_unary_noprobe,
        client_compressed_unary_deflate,
        client_compressed_streaming_noprobe,
        server_compressed_unary,
        client_streaming,
        server_streaming,
        ping_pong,
        empty_stream,
        half_duplex,
        custom_metadata,
        status_code_and_message,
        special_status_message,
        unimplemented_method,
        unimplemented_service,
        cancel_after_begin,
        cancel_after_first_response,
        timeout_on_sleeping_server,
        rpc_soak,
        channel_soak,
        rpc_soak_while_connections_leave,
    )
}


def main():
    name, port, *tls = sys.argv[1:]
    # A channel for each `open`, with a connection of its own.
    numbers = itertools.count()
    lock = threading.Lock()

    def open_channel():
        with lock:
            options = [("grpc.max_receive_message_length", -1), ("accord.channel", next(numbers))]
        if not tls:
            return grpc.insecure_channel(f"127.0.0.1:{port}", options)
        authority, server_name = tls
        with open(authority, "rb") as file:
            credentials = grpc.ssl_channel_credentials(file.read())
        options.append(("grpc.ssl_target_name_override", server_name))
        return grpc.secure_channel(f"127.0.0.1:{port}", credentials, options)

    CASES[name](open_channel)


if __name__ == "__main__":
    main()
