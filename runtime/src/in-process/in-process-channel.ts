import { type ChannelInterface, connectivityState } from "@grpc/grpc-js";
import type { Channel } from "../channel/channel.js";
import { rememberSecurity } from "../channel/channel-security.js";
import { LONGEST_TIMER_MS } from "../contract/defaults.js";
import { defaultLogger } from "../log/default-logger.js";
import { checkPackages } from "../packages/check-packages.js";
import type { BoundService } from "../server/bind-service.js";
import { type MethodOptions, serveMethods } from "../server/served-methods.js";
import { requireServer } from "../server/server-option-checks.js";
import { InProcessCall } from "./in-process-call.js";

/** How services are served in their callers' process: what `createServer` takes for calls, and nothing for connections. */
export type InProcessOptions = MethodOptions;

/**
 * A channel to services in the same process: for tests, and for a monolith whose parts may live apart one day. Generated clients
 * take it as they take any channel.
 *
 * Calls are those of a server and a client: messages are encoded and decoded, so that neither side sees the other's objects; wrappers,
 * log lines, deadlines, cancellation, limits, auth, metadata and errors are the same, and streams wait for whoever is slow. What
 * belongs to connections isn't there: retries, compression, addresses, a peer's certificate.
 *
 * Nothing is to be closed: a channel that nobody refers to is gone. `close` makes further calls fail.
 *
 * @throws {TypeError} saying which option must be what, or which of the services is none
 * @throws {Error} if two services have one name, or a method requires credentials and nobody verifies them
 */
export function inProcessChannel(services: readonly BoundService[], options: InProcessOptions = {}): Channel {
  requireServer(services, options);
  checkPackages(options.logger ?? defaultLogger());
  const { methods } = serveMethods(services, [], options);
  let closed = false;
  const stateNow = (): connectivityState => (closed ? connectivityState.SHUTDOWN : connectivityState.READY);
  const channel: ChannelInterface = {
    close() {
      closed = true;
    },
    getTarget: () => IN_PROCESS,
    getConnectivityState: stateNow,
    watchConnectivityState(current, deadline, callback) {
      // It changes once at the most, and nobody waits for that: what was asked for is there, or won't come.
      const changed = stateNow() !== current;
      const waitMs = changed ? 0 : Math.min(Math.max(0, Number(deadline) - Date.now()), LONGEST_TIMER_MS);
      setTimeout(() => callback(stateNow() === current ? new Error("Deadline passed") : undefined), waitMs).unref();
    },
    getChannelzRef: () => ({ kind: "channel" as ChannelzRef["kind"], id: 0, name: IN_PROCESS }),
    createCall(path, deadline) {
      if (closed) {
        throw new Error("Channel has been shut down");
      }
      return new InProcessCall(path, methods.get(path), Number(deadline));
    },
  };
  rememberSecurity(channel, { encrypted: true, plaintextCredentials: false });
  return channel;
}

type ChannelzRef = ReturnType<ChannelInterface["getChannelzRef"]>;

const IN_PROCESS = "in-process:";
