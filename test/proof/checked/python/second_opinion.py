"""Checks the recorded cases of protovalidate's conformance suite with PyPI's protovalidate, and prints what each came to.

second_opinion.py FOLDER: where cases.jsonl and protos.binpb are. A line of JSON for each case: its name, and whether it is as wanted.
"""

import base64
import json
import sys
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from protovalidate import CompilationError, EvaluationError, Validator, ViolationsPb

folder = Path(sys.argv[1])
pool = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString((folder / "protos.binpb").read_bytes()).file:
    pool.Add(file)
validator = Validator()


def step(element):
    return (element.field_number, element.field_name, element.field_type, str(element.subscript))


def comparable(violations, told):
    return sorted(
        (
            violation.rule_id,
            violation.message if violation.rule_id in told else "",
            bool(violation.for_key),
            [step(element) for element in violation.field.elements] if violation.field else [],
            [step(element) for element in violation.rule.elements] if violation.rule else [],
        )
        for violation in violations
    )


def outcome(case):
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName(case["type"])).FromString(
        base64.b64decode(case["input"])
    )
    try:
        return [violation.proto for violation in validator.collect_violations(message)]
    except CompilationError:
        return "compilationError"
    except EvaluationError:
        return "runtimeError"


def is_wanted(case):
    got = outcome(case)
    if isinstance(got, str) or case["wanted"] in ("success", "compilationError", "runtimeError"):
        return (got or "success") == case["wanted"], got
    wanted = ViolationsPb.from_binary(base64.b64decode(case["wanted"])).violations
    told = {violation.rule_id for violation in wanted if violation.message}
    return comparable(got, told) == comparable(wanted, told), got


for line in (folder / "cases.jsonl").read_text().splitlines():
    case = json.loads(line)
    passed, got = is_wanted(case)
    print(json.dumps({"name": case["name"], "outcome": "passed" if passed else "failed", "message": str(got)[:300]}))
