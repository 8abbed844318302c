import { EventEmitter } from "node:events";
import { ChannelCredentials, experimental, Metadata } from "@grpc/grpc-js";
// Behind the interface, whose loading grpc-js's files rely on.
import { LoadBalancingCall } from "@grpc/grpc-js/build/src/load-balancing-call.js";
import { RetryingCall } from "@grpc/grpc-js/build/src/retrying-call.js";
import { Subchannel } from "@grpc/grpc-js/build/src/subchannel.js";
import { Http2SubchannelCall } from "@grpc/grpc-js/build/src/subchannel-call.js";
import { Http2SubchannelConnector } from "@grpc/grpc-js/build/src/transport.js";
import { Status } from "../wire/status.js";
import { warnOfGrpcJs } from "./library-log.js";
import {
  type AttemptStatus,
  EXPERIMENTAL_NAMES,
  PRIVATE_NAMES,
  type PrivateName,
  type RetryingCallInside,
  SEAM,
  type SeamUse,
  type SubchannelCallInside,
} from "./private-names.js";

/**
 * Looks whether the installed grpc-js has what this room relies on, as far as it can be seen without a connection. What only a
 * connection shows is told by {@link tellMissing} when there is one.
 *
 * @param allowUnknown what isn't there is done without
 * @returns what isn't there
 * @throws {Error} if something is missing without which wrong answers would pass for right ones
 */
export function requireKnownGrpcJs(allowUnknown: boolean): readonly PrivateName[] {
  missingNames ??= findMissing();
  const wrong = missingNames.filter(({ uses }) => uses.some((use) => SEAM[use].loss === "integrity"));
  // Without its policies, there is no way to do without.
  const isHopeless = wrong.some(({ uses }) => uses.includes("policies"));
  if (wrong.length > 0 && (isHopeless || !allowUnknown)) {
    const names = wrong.map(({ name }) => name).join(", ");
    throw new Error(
      `the installed @grpc/grpc-js isn't one that @accord-grpc/runtime knows: it has no ${names}, and so ` +
        `${lostWith(wrong).join("; ")}. Install one that is known (npm install @grpc/grpc-js@~1.14.5)` +
        (isHopeless ? "" : ", or open the channel with `allowUnknownGrpcJs: true`"),
    );
  }
  return missingNames;
}

let missingNames: readonly PrivateName[] | undefined;
const told = new Set<PrivateName>();

/** Says what users lose, in a line, once for each name. */
export function tellMissing(missing: readonly PrivateName[]): void {
  const untold = missing.filter((one) => !told.has(one));
  if (untold.length > 0) {
    for (const one of untold) {
      told.add(one);
    }
    warnOfGrpcJs({ missing: untold.map((one) => one.name), lost: lostWith(untold) }, "channel.unknown_grpc_js");
  }
}

function lostWith(missing: readonly PrivateName[]): string[] {
  const uses = new Set<SeamUse>(missing.flatMap((one) => one.uses));
  return [...uses].map((use) => SEAM[use].lost);
}

/** Whether grpc-js has all that one thing needs. Asked before it is set up: by halves it would do harm. */
export function hasAllFor(use: SeamUse): boolean {
  missingNames ??= findMissing();
  return missingNames.every(({ uses }) => !uses.includes(use));
}

function findMissing(): readonly PrivateName[] {
  const credentials: object = ChannelCredentials.createInsecure();
  const isSecure = typeof Reflect.get(credentials, "_isSecure") === "function" ? [] : [PRIVATE_NAMES.isSecure];
  return [
    ...isSecure,
    ...missingExperimental(),
    ...missingOfSubchannels(),
    ...missingOfCalls(),
    ...missingOfRetries(),
    ...missingOfTls(),
  ];
}

function missingExperimental(): PrivateName[] {
  const given: Partial<typeof experimental> = experimental ?? {};
  const missing = EXPERIMENTAL_NAMES.filter((name) => given[name] === undefined).map(
    (name): PrivateName => ({ name: `experimental.${name}`, type: "as grpc-js declares it", uses: ["policies"] }),
  );
  const wrapper: object = given.BaseSubchannelWrapper?.prototype ?? {};
  return [...missing, ...absent(wrapper, { setHealthy: "function", destroy: "function" })];
}

type Kind = "function" | "object" | "boolean" | "number";

/** The names of which an object has nothing, or something of another kind. */
function absent(owner: object, kinds: Partial<Record<keyof typeof PRIVATE_NAMES, Kind>>): PrivateName[] {
  return Object.entries(kinds).flatMap(([name, kind]) => {
    return typeof Reflect.get(owner, name) === kind ? [] : [PRIVATE_NAMES[name as keyof typeof PRIVATE_NAMES]];
  });
}

/** What an object is, or nothing if grpc-js makes it in another way: then all of its names are missing. */
function attempted<T extends object>(make: () => T): Partial<T> {
  try {
    return make();
  } catch {
    return {};
  }
}

function missingOfSubchannels(): PrivateName[] {
  const options = { "grpc.enable_channelz": 0 };
  const address = { host: "127.0.0.1", port: 1 };
  const connector = attempted(() => new Http2SubchannelConnector({ path: "" }));
  const subchannel = attempted(
    () => new Subchannel({ path: "" }, address, options, ChannelCredentials.createInsecure(), connector as never),
  );
  return [
    ...absent(subchannel, { createCall: "function", connector: "object" }),
    ...absent(connector, { connect: "function" }),
    ...("transport" in subchannel ? [] : [PRIVATE_NAMES.transport]),
  ];
}

/** Has an attempt read the first byte of a message. */
function missingOfCalls(): PrivateName[] {
  const stream = Object.assign(new EventEmitter(), { resume() {}, pause() {}, close() {}, destroyed: false });
  const transport = { getOptions: () => ({}) };
  const call = attempted(
    () => new Http2SubchannelCall(stream as never, {} as never, {} as never, transport as never, 0),
  );
  const inside = call as unknown as SubchannelCallInside & { readonly transport?: object };
  const missing = absent(call, {
    decoder: "object",
    cancelWithStatus: "function",
    sendMessageWithContext: "function",
    getStatus: "function",
    connectionDropped: "boolean",
  });
  const { readState } = inside.decoder ?? {};
  attempted(() => ({ emitted: stream.emit("data", Buffer.of(0)) }));
  if (readState !== 0 || inside.decoder?.readState === 0) {
    missing.push(PRIVATE_NAMES.readState);
  }
  if (inside.http2Stream !== (stream as unknown)) {
    missing.push(PRIVATE_NAMES.http2Stream);
  }
  if (inside.transport !== transport) {
    missing.push(PRIVATE_NAMES.callTransport);
  }
  return missing;
}

/** Makes what connects by TLS, with certificates that stay and with ones that are renewed. */
function missingOfTls(): PrivateName[] {
  const provider = { addCaCertificateListener() {}, removeCaCertificateListener() {} };
  const connectorOf = (make: () => ChannelCredentials): object =>
    attempted(() => make()._createSecureConnector({ scheme: "dns", path: "127.0.0.1:1" }, {}));
  const fixed = connectorOf(() => ChannelCredentials.createSsl());
  const renewed = connectorOf(() =>
    experimental.createCertificateProviderChannelCredentials(
      { ...provider, addIdentityCertificateListener() {}, removeIdentityCertificateListener() {} },
      null,
    ),
  );
  const parent: object = Reflect.get(renewed, "parent") ?? {};
  return [
    ...absent(fixed, { connectionOptions: "object" }),
    ...("getLatestSecureContext" in parent && "verifyOptions" in parent ? [] : [PRIVATE_NAMES.connectorParent]),
  ];
}

/** Has a call with retries make an attempt, and another one when the first wasn't started. */
function missingOfRetries(): PrivateName[] {
  const child = attempted(
    () => new LoadBalancingCall({ getServiceUrl: () => "" } as never, {} as never, "/s/m", "h", {} as never, 0, 0),
  );
  const attempt = { start() {}, getCallNumber: () => 0 };
  let attempts = 0;
  const channel = {
    getOptions: () => ({}),
    createLoadBalancingCall() {
      attempts += 1;
      return attempt;
    },
  };
  const config = { methodConfig: { name: [] } };
  const call = attempted(
    () => new RetryingCall(channel as never, config as never, "/s/m", "h", {} as never, 0, 0, {} as never),
  );
  const inside = call as unknown as RetryingCallInside;
  attempted(() => ({ started: call.start?.(new Metadata(), {} as never) }));
  const missing = absent(call, { underlyingCalls: "object", handleChildStatus: "function", attempts: "number" });
  if (inside.underlyingCalls?.[0]?.call !== (attempt as unknown)) {
    missing.push(PRIVATE_NAMES.attemptCall);
  }
  const status = { code: Status.UNAVAILABLE, details: "", metadata: new Metadata() };
  for (const progress of ["NOT_STARTED", "REFUSED"]) {
    const before = attempts;
    attempted(() => ({ handled: inside.handleChildStatus?.({ ...status, progress } as AttemptStatus, before - 1) }));
    if (attempts !== before + 1 && !missing.includes(PRIVATE_NAMES.progress)) {
      missing.push(PRIVATE_NAMES.progress);
    }
  }
  return "child" in child ? missing : [...missing, PRIVATE_NAMES.attemptChild];
}
