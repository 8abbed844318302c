// Plain grpc-js as a client of the rollout test. It plays a plan, with what grpc-js does by default.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as delay } from "node:timers/promises";
import {
  type CallOptions,
  Client,
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  status as GrpcStatus,
  Metadata,
} from "@grpc/grpc-js";
import type { ClientPlan, PlannedCall } from "./client-plan.js";
import { type MadeCall, runLoad } from "./load.js";
import { ID_HEADER, type MethodName } from "./records.js";

const plan: ClientPlan & { readonly target: string } = JSON.parse(process.env.CLIENT ?? "");
const planned = new Map([...plan.methods, ...plan.lasting].map((call) => [call.method, call]));
const { version }: { version: string } = createRequire(import.meta.url)("@grpc/grpc-js/package.json");
const client = new Client(
  plan.target,
  plan.ca === undefined ? credentials.createInsecure() : credentials.createSsl(readFileSync(plan.ca)),
  {
    "grpc.service_config": plan.serviceConfig,
    "grpc.dns_min_time_between_resolutions_ms": plan.lookUpMs,
    ...(plan.serverName === undefined ? {} : { "grpc.ssl_target_name_override": plan.serverName }),
  },
);

await runLoad(
  { ...plan, lasting: Object.fromEntries(plan.lasting.map(({ method, count }) => [method, count ?? 0])) },
  {
    version,
    call: make,
    statusOf: (error) =>
      error instanceof Error && "code" in error && typeof error.code === "number"
        ? (GrpcStatus[error.code] ?? "UNKNOWN")
        : "UNKNOWN",
    close: () => client.close(),
  },
);

type Stream = ClientReadableStream<Buffer> | ClientWritableStream<Buffer>;

function make(method: MethodName, id: string, ending: AbortSignal): MadeCall {
  const call = planned.get(method);
  if (call === undefined) {
    throw new Error(`The plan has no ${method}`);
  }
  let peer = (): string => "";
  const result = new Promise<void>((resolve, reject) => {
    const started = start(call, id, (error) => (error === null ? resolve() : reject(error)));
    peer = () => started.getPeer();
    if ("write" in started) {
      void send(started, call, ending);
    }
    if (call.requests < 0 || call.goodEnd !== undefined) {
      const cancel = () => started.cancel();
      ending.addEventListener("abort", cancel);
      started.on("status", () => ending.removeEventListener("abort", cancel));
    }
  });
  // What got to no backend has the channel's target for a peer.
  return { result, peers: () => [peer()].filter((address) => /^[\d.]+:\d+$/.test(address)) };
}

function start(
  call: PlannedCall,
  id: string,
  ended: (error: Error | null) => void,
): Stream | ReturnType<Client["makeUnaryRequest"]> {
  const { path, kind } = call;
  const metadata = new Metadata();
  metadata.set(ID_HEADER, id);
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    metadata.set(name, value);
  }
  const request = Buffer.from(call.request, "base64");
  const options: CallOptions = call.timeoutMs === undefined ? {} : { deadline: Date.now() + call.timeoutMs };
  switch (kind) {
    case "unary":
      return client.makeUnaryRequest(path, same, same, request, metadata, options, ended);
    case "client":
      return client.makeClientStreamRequest(path, same, same, metadata, options, ended);
    case "server":
      return read(client.makeServerStreamRequest(path, same, same, request, metadata, options), call, ended);
    default:
      return read(client.makeBidiStreamRequest(path, same, same, metadata, options), call, ended);
  }
}

function read<T extends ClientReadableStream<Buffer>>(
  responses: T,
  call: PlannedCall,
  ended: (error: Error | null) => void,
): T {
  let count = 0;
  let last = "";
  responses.on("data", (response: Buffer) => {
    count += 1;
    last = response.toString("base64");
  });
  // It comes before the end, if it comes.
  responses.on("error", (error) => ended(call.goodEnd !== undefined && last === call.goodEnd ? null : error));
  responses.on("end", () => {
    const complete = call.responses < 0 || count === call.responses;
    ended(complete ? null : new Error(`The stream ended well after ${count} of ${call.responses} messages`));
  });
  return responses;
}

async function send(requests: ClientWritableStream<Buffer>, call: PlannedCall, ending: AbortSignal): Promise<void> {
  for (let sent = 0; sent !== call.requests && !ending.aborted && !requests.destroyed; sent += 1) {
    requests.write(Buffer.from(call.request, "base64"));
    await delay(call.everyMs);
  }
  requests.end();
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
