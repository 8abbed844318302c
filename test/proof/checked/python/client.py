"""Calls a server with a request that breaks two rules, and reads what it is told. It has no code that was generated for the server.

client.py PORT: prints a line of JSON for each thing that it reads.
"""

import json
import sys

import grpc
from google.rpc import error_details_pb2, status_pb2
from protovalidate import ViolationsPb

# An id of one character, an amount of 0, and a label "long" -> "x".
REQUEST = b"\x0a\x01x\x10\x00\x1a\x09\x0a\x04long\x12\x01x"


def call():
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}") as channel:
        check = channel.unary_unary("/accord.proof.checked.v1.CheckedService/Check")
        try:
            check(REQUEST, timeout=10)
        except grpc.RpcError as error:
            return error
    raise SystemExit("the request was taken")


def told(name, got, wanted):
    outcome = "passed" if got == wanted else "failed"
    print(json.dumps({"name": f"client/{name}", "outcome": outcome, "message": repr(got)[:300]}))


error = call()
told("status", error.code(), grpc.StatusCode.INVALID_ARGUMENT)
trailers = {key: value for key, value in error.trailing_metadata()}
status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
details = {detail.type_url.rpartition("/")[2]: detail for detail in status.details}

info = error_details_pb2.ErrorInfo()
details["google.rpc.ErrorInfo"].Unpack(info)
told("reason", info.reason, "INVALID_REQUEST")
told(
    "metadata",
    dict(info.metadata),
    {"field": "id", "problem": "must be at least 2 characters", "rule": "string.min_len", "count": "3"},
)

bad_request = error_details_pb2.BadRequest()
details["google.rpc.BadRequest"].Unpack(bad_request)
told(
    "bad_request",
    [(violation.field, violation.description) for violation in bad_request.field_violations],
    [
        ("id", "must be at least 2 characters"),
        ("amount", "must be greater than 0"),
        ('labels["long"]', "must be at most 3 characters"),
    ],
)

violations = ViolationsPb.from_binary(details["buf.validate.Violations"].value).violations
told(
    "violations",
    [(violation.rule_id, violation.field.elements[0].field_name, bool(violation.for_key)) for violation in violations],
    [("string.min_len", "id", False), ("int64.gt", "amount", False), ("string.max_len", "labels", True)],
)
