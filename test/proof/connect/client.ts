// Accord's client as the suite's implementation under test: calls come in on stdin, and what became of them goes to stdout.
import { create } from "@bufbuild/protobuf";
import {
  ClientCompatRequestSchema,
  ClientCompatResponseSchema,
} from "../gen/connect/connectrpc/conformance/v1/client_compat_pb.js";
import { channelFor, closeChannels } from "./channels.js";
import { invoke } from "./invoke.js";
import { readSized, writeSized } from "./sized-messages.js";

const PARALLEL = 8;

const running = new Set<Promise<void>>();
for await (const request of readSized(process.stdin, ClientCompatRequestSchema)) {
  const answered = invoke(channelFor(request), request).then(
    (response) => write({ testName: request.testName, result: { case: "response", value: response } }),
    (error: unknown) =>
      write({ testName: request.testName, result: { case: "error", value: { message: String(error) } } }),
  );
  running.add(answered);
  void answered.finally(() => running.delete(answered));
  if (running.size >= PARALLEL) {
    await Promise.race(running);
  }
}
await Promise.all(running);
closeChannels();

function write(init: Parameters<typeof create<typeof ClientCompatResponseSchema>>[1]): void {
  writeSized(process.stdout, ClientCompatResponseSchema, create(ClientCompatResponseSchema, init));
}
