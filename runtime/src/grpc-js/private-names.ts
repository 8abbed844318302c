import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { Duplex } from "node:stream";
import type { ConnectionOptions, SecureContext } from "node:tls";
import type { ChannelCredentials, ChannelInterface, experimental, StatusObject } from "@grpc/grpc-js";

// What this room knows of grpc-js and Node that isn't in their interfaces. Nothing else in the runtime does, and
// `renamed-names.suite.ts` renames each name here in a copy of grpc-js, to see that it is noticed.

/** What is worse without a name: what is right, what is there, or what is fast. */
export type Loss = "integrity" | "availability" | "speed";

/** What the private names are used for, and what users lose where one is missing. */
export const SEAM = {
  frames: {
    loss: "integrity",
    lost: "half a message, a message with unknown flags, and a stream that breaks off pass for good answers",
  },
  encryption: { loss: "integrity", lost: "credentials of calls might go over connections that aren't encrypted" },
  policies: { loss: "integrity", lost: "connections carry nothing of what this runtime checks" },
  resending: { loss: "availability", lost: "calls fail that a closing connection didn't take" },
  silence: { loss: "availability", lost: "new calls go to servers that have fallen silent" },
  moving: {
    loss: "availability",
    lost: "calls that may be made again elsewhere wait for servers that have fallen silent",
  },
  closing: { loss: "availability", lost: "calls on connections that are closing end with the next keepalive" },
  lastWords: { loss: "availability", lost: "a status that came just before its connection was lost reads UNAVAILABLE" },
  foreign: { loss: "availability", lost: "channels that weren't opened by this runtime carry no credentials of calls" },
  outliving: { loss: "availability", lost: "a peer that breaks HTTP/2's rules may end the process" },
  connecting: { loss: "availability", lost: "an attempt to connect takes as long as the kernel tries, or for ever" },
  streamLimit: {
    loss: "availability",
    lost: "a call that waited for a place on its connection doesn't say so at its deadline",
  },
  ipServername: { loss: "availability", lost: "TLS to a server that is addressed by its IP fails from Node 26 on" },
  window: { loss: "speed", lost: "large responses wait for a round trip every 64 KiB" },
} as const satisfies Readonly<Record<string, { readonly loss: Loss; readonly lost: string }>>;

export type SeamUse = keyof typeof SEAM;

/** A name that neither grpc-js nor Node promises. */
export interface PrivateName {
  /** Where it is: `Http2SubchannelCall.decoder`. */
  readonly name: string;
  readonly type: string;
  readonly uses: readonly SeamUse[];
}

const name = (path: string, type: string, ...uses: readonly SeamUse[]): PrivateName => ({ name: path, type, uses });

/** All of them. Those of `experimental` are exported by grpc-js, which promises nothing of them. */
export const PRIVATE_NAMES = {
  isSecure: name("ChannelCredentials._isSecure", "() => boolean", "encryption"),
  internalChannel: name("Channel.internalChannel", "InternalChannel", "resending", "foreign"),
  channelCredentials: name("InternalChannel.credentials", "ChannelCredentials", "foreign"),
  createRetryingCall: name("InternalChannel.createRetryingCall", "(...) => RetryingCall", "resending"),
  underlyingCalls: name("RetryingCall.underlyingCalls", "{ call }[]", "resending"),
  attemptCall: name("RetryingCall.underlyingCalls[].call", "LoadBalancingCall", "resending"),
  attempts: name("RetryingCall.attempts", "number", "moving"),
  handleChildStatus: name("RetryingCall.handleChildStatus", "({ progress }, index) => void", "resending"),
  progress: name("StatusObjectWithProgress.progress", '"REFUSED" | "NOT_STARTED" | …', "resending"),
  attemptChild: name("LoadBalancingCall.child", "Http2SubchannelCall | null", "resending"),
  callTransport: name("Http2SubchannelCall.transport", "Http2Transport", "resending"),
  createCall: name(
    "Subchannel.createCall",
    "(metadata, host, method, listener, number) => SubchannelCall",
    "frames",
    "silence",
  ),
  decoder: name("Http2SubchannelCall.decoder", "StreamDecoder", "frames"),
  readState: name("StreamDecoder.readState", "number; 0 between messages", "frames"),
  http2Stream: name("Http2SubchannelCall.http2Stream", "ClientHttp2Stream", "frames", "window"),
  cancelWithStatus: name("Http2SubchannelCall.cancelWithStatus", "(code, details) => void", "frames"),
  sendMessageWithContext: name("Http2SubchannelCall.sendMessageWithContext", "(context, bytes) => void", "frames"),
  getStatus: name("Http2SubchannelCall.getStatus", "() => StatusObject | null", "lastWords"),
  connectionDropped: name("Http2SubchannelCall.connectionDropped", "boolean", "lastWords"),
  transport: name("Subchannel.transport", "Http2Transport | null", "silence", "closing", "outliving", "window"),
  session: name("Http2Transport.session", "ClientHttp2Session", "silence", "closing", "outliving", "window"),
  activeCalls: name("Http2Transport.activeCalls", "Set<Http2SubchannelCall>", "silence", "streamLimit"),
  setHealthy: name("experimental.BaseSubchannelWrapper.setHealthy", "(healthy) => void", "silence"),
  destroy: name("experimental.BaseSubchannelWrapper.destroy", "() => void", "silence"),
  connectionOptions: name("SecureConnectorImpl.connectionOptions", "tls.ConnectionOptions", "ipServername"),
  connectorParent: name("CertificateProviderChannelCredentialsImpl….parent", "its credentials", "ipServername"),
  sessionHandle: name("Http2Session[kHandle]", "object; a symbol of Node's", "outliving"),
  sessionSocket: name("Http2Session[kSocket]", "Duplex; a symbol of Node's", "outliving"),
  connector: name("Subchannel.connector", "Http2SubchannelConnector", "connecting"),
  connect: name("Http2SubchannelConnector.connect", "(address, secureConnector, options) => Promise", "connecting"),
} as const satisfies Readonly<Record<string, PrivateName>>;

/** What of `experimental` is called: without any one of it, no channel of this runtime's works. */
export const EXPERIMENTAL_NAMES = [
  "BaseSubchannelWrapper",
  "ChildLoadBalancerHandler",
  "PickResultType",
  "QueuePicker",
  "createCertificateProviderChannelCredentials",
  "createCertificateProviderServerCredentials",
  "createChildChannelControlHelper",
  "createResolver",
  "endpointToString",
  "isLoadBalancerNameRegistered",
  "parseDuration",
  "parseLoadBalancingConfig",
  "registerLoadBalancerType",
  "registerResolver",
  "selectLbConfigFromList",
] as const satisfies readonly (keyof typeof experimental)[];

/** A channel of grpc-js's. */
export interface ChannelInside {
  readonly internalChannel?: {
    readonly credentials?: Pick<ChannelCredentials, "_isSecure">;
    createRetryingCall?: (...args: unknown[]) => RetryingCallInside;
  };
}

/** A call with its retries: its attempts, and what is done with what each came to. */
export interface RetryingCallInside {
  readonly underlyingCalls?: readonly { readonly call?: AttemptInside }[];
  /** How many were made. */
  attempts?: number;
  handleChildStatus?: (status: AttemptStatus, index: number) => void;
}

export interface AttemptStatus {
  /** How far the attempt got. `REFUSED`: no handler has seen it. `NOT_STARTED`: neither has anybody else. */
  readonly progress: string;
}

export interface AttemptInside {
  readonly child?: { readonly transport?: TransportInside } | null;
}

/** A connection, and the calls there. */
export interface TransportInside {
  readonly session?: ClientHttp2Session | null;
  readonly activeCalls?: { readonly size: number };
}

/** A subchannel, as it is behind its wrappers. */
export type Subchannel = ReturnType<experimental.SubchannelInterface["getRealSubchannel"]>;
export type CreateCall = Subchannel["createCall"];
export type SubchannelListener = Parameters<CreateCall>[3];
export type SubchannelCall = ReturnType<CreateCall>;

/** An attempt on its connection. */
export interface SubchannelCallInside {
  readonly decoder?: { readonly readState?: number };
  readonly http2Stream?: Pick<ClientHttp2Stream, "on" | "prependListener" | "writableEnded">;
  readonly connectionDropped?: boolean;
  getStatus?(): StatusObject | null;
}

export function insideChannel(channel: ChannelInterface): ChannelInside {
  return channel as unknown as ChannelInside;
}

export function insideCall(call: SubchannelCall): SubchannelCallInside {
  return call as unknown as SubchannelCallInside;
}

/** The connection of a subchannel; `undefined` while it has none. */
export function transportOf(subchannel: Subchannel): TransportInside | undefined {
  return (subchannel as unknown as { readonly transport?: TransportInside | null }).transport ?? undefined;
}

/** Whether a channel's connections are encrypted; `undefined` if nobody knows. */
export function isSecure(credentials: Partial<Pick<ChannelCredentials, "_isSecure">> | undefined): boolean | undefined {
  return credentials?._isSecure?.();
}

/** What connects a subchannel. Its promise resolves when the peer's SETTINGS have come. */
export interface ConnectorInside {
  connect?: (
    address: object,
    secureConnector: object,
    options: Readonly<Record<string, unknown>>,
  ) => Promise<{ shutdown(): void }>;
}

export function connectorOf(subchannel: Subchannel): ConnectorInside | undefined {
  return (subchannel as unknown as { readonly connector?: ConnectorInside }).connector;
}

/** What grpc-js's connectors for TLS have inside: options, or the credentials whose certificates are renewed. */
export interface SecureConnectorInside {
  readonly connectionOptions?: ConnectionOptions;
  readonly parent?: {
    readonly verifyOptions?: Parameters<typeof ChannelCredentials.createFromSecureContext>[1];
    getLatestSecureContext?(): SecureContext | null;
  };
}

/** A session's socket: what `session.socket` gives can't be destroyed. */
export function socketOf(session: object): Duplex | undefined {
  const socket = bySymbol(session, "socket");
  return socket instanceof Duplex ? socket : undefined;
}

/** The native half of a session. */
export function handleOf(session: ClientHttp2Session): object | undefined {
  const handle = bySymbol(session, "kHandle");
  return typeof handle === "object" && handle !== null ? handle : undefined;
}

function bySymbol(session: object, name: string): unknown {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === name);
  return key === undefined ? undefined : Reflect.get(session, key);
}
