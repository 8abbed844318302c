import { AsyncLocalStorage } from "node:async_hooks";
import type { Channel } from "@accord-grpc/runtime";

type GrpcCall = ReturnType<Channel["createCall"]>;

/** What grpc-js's calls are made of. It says of a call that failed only the peer of the attempt that was committed to. */
interface CallInside {
  readonly child?: CallInside | null;
  readonly underlyingCalls?: readonly { readonly call: GrpcCall }[];
}

const made = new AsyncLocalStorage<GrpcCall[]>();

/** The same channel, which notes what calls are made on it within {@link notePeers}. */
export function watchedChannel(channel: Channel): Channel {
  const createCall: Channel["createCall"] = (...args) => {
    const call = channel.createCall(...args);
    made.getStore()?.push(call);
    return call;
  };
  return Object.create(channel, { createCall: { value: createCall } }) as Channel;
}

/** Runs what makes one call, and returns a function that says which backends its attempts went to so far. */
export function notePeers<T>(makeCall: () => T): { readonly result: T; peers(): string[] } {
  const calls: GrpcCall[] = [];
  const result = made.run(calls, makeCall);
  return { result, peers: () => calls.flatMap(peersOf) };
}

function peersOf(call: GrpcCall): string[] {
  const { child } = call as GrpcCall & CallInside;
  const attempts = child?.underlyingCalls?.map((attempt) => attempt.call) ?? [call];
  // One that got to no backend has the channel's target for a peer.
  return attempts.map((attempt) => attempt.getPeer()).filter((peer) => /^[\d.]+:\d+$/.test(peer));
}
