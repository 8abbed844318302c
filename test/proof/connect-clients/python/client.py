"""Calls a generated server by connect-python, and says what became of each case: a line of JSON each.

client.py PROTOS BASE_URL PROTOCOL HTTP: PROTOS are the service's descriptors; PROTOCOL is connect, grpcweb or grpc; HTTP is h1 or h2c.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from connectrpc.client import ConnectClient, ConnectClientSync, ResponseMetadata
from connectrpc.code import Code
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.rpc import error_details_pb2
from pyqwest import Client, HTTPTransport, HTTPVersion, SyncClient, SyncHTTPTransport

PROTOS, BASE_URL, PROTOCOL, HTTP = sys.argv[1:]
SERVICE = "proof.desk.v1.DeskService"
PROTOCOLS = {"connect": ProtocolType.CONNECT, "grpcweb": ProtocolType.GRPC_WEB, "grpc": ProtocolType.GRPC}
# More than the contract lets a request have.
OVERSIZE = 100_000
# No call takes as long unless it hangs.
TIMEOUT_MS = 20_000

pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(Path(PROTOS).read_bytes()).file:
    pool.Add(file)


def message_class(name):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"proof.desk.v1.{name}"))


FindRequest = message_class("FindRequest")
ReserveRequest = message_class("ReserveRequest")
BrowseRequest = message_class("BrowseRequest")
Book = message_class("Book")


def method(name):
    found = pool.FindServiceByName(SERVICE).methods_by_name[name]
    streams = {
        (False, False): StreamType.UNARY,
        (True, False): StreamType.CLIENT_STREAM,
        (False, True): StreamType.SERVER_STREAM,
        (True, True): StreamType.BIDI_STREAM,
    }
    return MethodInfo(
        name=name,
        service_name=SERVICE,
        input=message_factory.GetMessageClass(found.input_type),
        output=message_factory.GetMessageClass(found.output_type),
        idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS if name == "Find" else IdempotencyLevel.UNKNOWN,
        stream_type=streams[found.client_streaming, found.server_streaming],
    )


HTTP_VERSION = HTTPVersion.HTTP2 if HTTP == "h2c" else HTTPVersion.HTTP1
http_client = SyncClient(SyncHTTPTransport(http_version=HTTP_VERSION))


class NotApplicable(Exception):
    """Why a case can't be tried."""


def client(codec=None, send_compression=None):
    return ConnectClientSync(
        BASE_URL,
        codec=codec or google_protobuf_binary_codec(),
        protocol=PROTOCOLS[PROTOCOL],
        send_compression=send_compression,
        timeout_ms=TIMEOUT_MS,
        http_client=http_client,
    )


def wanted(what, got, want):
    assert got == want, f"{what} is {got!r}, not {want!r}"


def find(title="Middlemarch", codec=None, send_compression=None, **options):
    return client(codec, send_compression).execute_unary(
        request=FindRequest(title=title), method=method("Find"), **options
    )


def reserve(title, reader):
    return client().execute_unary(request=ReserveRequest(title=title, reader=reader), method=method("Reserve"))


def browse(books, send_compression=None):
    return client(send_compression=send_compression).execute_server_stream(
        request=BrowseRequest(books=books), method=method("Browse")
    )


def failure(call):
    try:
        call()
    except ConnectError as error:
        return error
    raise AssertionError("it should have failed")


def detail(error, message):
    name = message.DESCRIPTOR.full_name
    found = [each for each in error.details if each.type_name == name]
    wanted(f"how many {name} there are", len(found), 1)
    return message.FromString(found[0].message_bytes)


def on_loan(error, title):
    wanted("code", error.code, Code.FAILED_PRECONDITION)
    wanted("message", error.message, f"{title} is on loan")
    info = detail(error, error_details_pb2.ErrorInfo)
    wanted("reason", info.reason, "ON_LOAN")
    wanted("domain", info.domain, "desk.example.com")
    wanted("metadata", dict(info.metadata), {"title": title})
    wanted("retry delay", detail(error, error_details_pb2.RetryInfo).retry_delay.ToMilliseconds(), 2_000)


def unary():
    book = find()
    wanted("book", (book.title, book.pages), ("Middlemarch", 880))


def unary_json():
    if PROTOCOL == "grpc":
        raise NotApplicable("gRPC is binary, as is said in docs/web.md")
    with ResponseMetadata() as answer:
        book = find(codec=google_protobuf_json_codec())
    wanted("book", (book.title, book.pages), ("Middlemarch", 880))
    assert answer.headers["content-type"].endswith("json"), answer.headers["content-type"]


def unary_get():
    if PROTOCOL != "connect":
        raise NotApplicable("only Connect has GET")
    wanted("pages", find(use_get=True).pages, 880)


def server_stream():
    wanted("titles", [book.title for book in browse(3)], ["long"] * 3)


def client_stream():
    receipt = client().execute_client_stream(
        request=iter([Book(title="Middlemarch")] * 3), method=method("Return")
    )
    wanted("how many books", receipt.books, 3)


def bidi_stream():
    if HTTP == "h1":
        raise NotApplicable("bidi streams are of HTTP/2 alone")
    titles = ["Middlemarch", "Effi Briest"]
    answered = []

    def requests():
        for count, title in enumerate(titles):
            # Each answer is awaited before the next request is sent.
            until = time.monotonic() + TIMEOUT_MS / 1000
            while len(answered) < count:
                assert time.monotonic() < until, "no answer comes to the first request alone"
                time.sleep(0.01)
            yield FindRequest(title=title)

    for book in client().execute_bidi_stream(request=requests(), method=method("Exchange")):
        answered.append(book.title)
    wanted("titles", answered, titles)


def headers_and_trailers():
    with ResponseMetadata() as answer:
        find(headers={"x-reader": "dorothea"})
    wanted("header", answer.headers["x-desk"], "dorothea")
    wanted("trailer", answer.trailers["x-desk-closes"], "18:00")
    wanted("binary trailer", answer.trailers["x-desk-seal-bin"].rstrip("="), "AP8B")


def gzip_unary():
    title = "Middlemarch " * 500
    with ResponseMetadata() as answer:
        book = find(title, send_compression=GzipCompression())
    wanted("title", book.title, title)
    if PROTOCOL != "connect":
        wanted("the response's encoding", answer.headers["grpc-encoding"], "gzip")


def gzip_stream():
    with ResponseMetadata() as answer:
        length = sum(len(book.text) for book in browse(3, send_compression=GzipCompression()))
    assert length > 3 * 1024, length
    name = "connect-content-encoding" if PROTOCOL == "connect" else "grpc-encoding"
    wanted("the response's encoding", answer.headers[name], "gzip")


def declared_error():
    on_loan(failure(lambda: reserve("Middlemarch", "dorothea")), "Middlemarch")


def declared_error_bad_request():
    error = failure(lambda: reserve("Middlemarch", ""))
    wanted("code", error.code, Code.INVALID_ARGUMENT)
    violations = detail(error, error_details_pb2.BadRequest).field_violations
    wanted(
        "violations",
        [(violation.field, violation.description) for violation in violations],
        [("reader", "must not be empty")],
    )


def declared_error_in_stream():
    books = []
    error = failure(lambda: books.extend(browse(4)))
    wanted("how many books", len(books), 3)
    on_loan(error, "the fourth")


def undeclared_error():
    error = failure(lambda: reserve("burnt", "dorothea"))
    wanted("code", error.code, Code.INTERNAL)
    said = error.message + repr([each.message_bytes for each in error.details])
    assert "hunter2" not in said and "secret" not in said, said


def unknown_method():
    known = method("Find")
    burn = MethodInfo(
        name="Burn",
        service_name=SERVICE,
        input=known.input,
        output=known.output,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.UNARY,
    )
    error = failure(lambda: client().execute_unary(request=FindRequest(), method=burn))
    wanted("code", error.code, Code.UNIMPLEMENTED)


def ends_in_handler(title):
    until = time.monotonic() + TIMEOUT_MS / 1000
    while not client().execute_unary(request=FindRequest(title=title), method=method("WasCancelled")).cancelled:
        assert time.monotonic() < until, "the handler wasn't told"
        time.sleep(0.02)


def deadline():
    title = f"deadline by python, {PROTOCOL}, {HTTP}"
    bind = {"request": FindRequest(title=title), "method": method("Bind"), "timeout_ms": 300}
    error = failure(lambda: client().execute_unary(**bind))
    wanted("code", error.code, Code.DEADLINE_EXCEEDED)
    ends_in_handler(title)


def cancel_unary():
    """The synchronous client can't."""
    title = f"cancelled by python, {PROTOCOL}, {HTTP}"

    async def cancelled():
        transport = HTTPTransport(http_version=HTTP_VERSION)
        asynchronous = ConnectClient(
            BASE_URL,
            codec=google_protobuf_binary_codec(),
            protocol=PROTOCOLS[PROTOCOL],
            timeout_ms=TIMEOUT_MS,
            http_client=Client(transport),
        )
        call = asynchronous.execute_unary(request=FindRequest(title=title), method=method("Bind"))
        task = asyncio.ensure_future(call)
        await asyncio.sleep(0.3)
        task.cancel()
        try:
            await task
        except ConnectError as error:
            wanted("code", error.code, Code.CANCELED)
            return
        raise AssertionError("it should have been cancelled")

    asyncio.run(cancelled())
    ends_in_handler(title)


def cancel_stream():
    title = f"stream cancelled by python, {PROTOCOL}, {HTTP}"
    books = client().execute_server_stream(request=FindRequest(title=title), method=method("Follow"))
    wanted("title", next(books).title, title)
    books.close()
    ends_in_handler(title)


def exhausts(call):
    wanted("code", failure(call).code, Code.RESOURCE_EXHAUSTED)


def oversize_request():
    exhausts(lambda: find("x" * OVERSIZE))


def oversize_request_gzip():
    """It is small until it is inflated."""
    exhausts(lambda: find("x" * OVERSIZE, send_compression=GzipCompression()))


def oversize_response():
    exhausts(lambda: find("too long"))


CASES = (
    unary,
    unary_json,
    unary_get,
    server_stream,
    client_stream,
    bidi_stream,
    headers_and_trailers,
    gzip_unary,
    gzip_stream,
    declared_error,
    declared_error_bad_request,
    declared_error_in_stream,
    undeclared_error,
    unknown_method,
    deadline,
    cancel_unary,
    cancel_stream,
    oversize_request,
    oversize_request_gzip,
    oversize_response,
)


def outcome(case):
    try:
        case()
    except NotApplicable as reason:
        return {"outcome": "skipped", "message": str(reason)}
    except Exception as error:  # Whatever it is, it's the case's result.
        return {"outcome": "failed", "message": f"{type(error).__name__}: {error}"}
    return {"outcome": "passed"}


for case in CASES:
    print(json.dumps({"name": case.__name__, **outcome(case)}), flush=True)
