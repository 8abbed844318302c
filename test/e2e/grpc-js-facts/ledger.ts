import type { HandlerInterceptor } from "@accord-grpc/runtime";
import { buildChannel, type Channel, type ChannelInit, type ServiceConfig } from "@accord-grpc/runtime/codegen/v1";
import { credentials } from "@grpc/grpc-js";
import { LEDGER_V1_SERVICE_CONFIG } from "../../../example/src/gen/ledger/v1/channel.js";
import { LedgerServiceClient } from "../../../example/src/gen/ledger/v1/ledger_client.js";
import { startScriptedLedger } from "../scripted-ledger.js";
import type { Opened } from "./plain-grpc.js";

// The same with generated code: what Accord makes of the facts.

/** A generated server on a free port. */
export async function ledgerServer(
  opened: Opened,
  ...args: Parameters<typeof startScriptedLedger>
): ReturnType<typeof startScriptedLedger> {
  const started = await startScriptedLedger(...args);
  opened.add(() => started.server.drain());
  return started;
}

/** A channel as a generated one, and with its service config unless there is another. */
export function ledgerChannel(
  opened: Opened,
  target: string,
  config: ServiceConfig = LEDGER_V1_SERVICE_CONFIG,
  init: Partial<ChannelInit> = {},
): Channel {
  const channel = buildChannel(target, config, {
    credentials: credentials.createInsecure(),
    ...init,
    extraOptions: { "grpc.use_local_subchannel_pool": 1, ...init.extraOptions },
  });
  opened.add(() => channel.close());
  return channel;
}

export function ledgerClient(...args: Parameters<typeof ledgerChannel>): LedgerServiceClient {
  return new LedgerServiceClient(ledgerChannel(...args));
}

/** What a call throws. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error("the call succeeded");
    },
    (error: unknown) => error,
  );
}

export async function all<T>(responses: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const response of responses) {
    collected.push(response);
  }
  return collected;
}

/** Counts attempts, as they reach the server. */
export function countAttempts(): { readonly interceptor: HandlerInterceptor; readonly previous: string[] } {
  const previous: string[] = [];
  return {
    previous,
    interceptor: ({ requestMetadata }, next) => {
      previous.push(String(requestMetadata.get("grpc-previous-rpc-attempts")[0] ?? "0"));
      return next();
    },
  };
}
