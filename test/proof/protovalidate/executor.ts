// Generated validators as the program that protovalidate's conformance runner tests: a request on stdin, a response on stdout. For each
// suite, code is generated for a service that takes the messages of its cases.
import { readFileSync, writeFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { runCases } from "../../validate/conformance.js";
import { TestRequestSchema, TestResponseSchema } from "../gen/protovalidate/accord/proof/validate/v1/harness_pb.js";

const { fdset, cases } = fromBinary(TestRequestSchema, readFileSync(0));
const results = Object.fromEntries(
  [...(await runCases(fdset?.file ?? [], cases))].map(([name, result]) => [name, { result }]),
);
writeFileSync(1, toBinary(TestResponseSchema, create(TestResponseSchema, { results })));
