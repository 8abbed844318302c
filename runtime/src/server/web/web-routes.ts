import type { DescMethod, JsonReadOptions, JsonWriteOptions, Message, Registry } from "@bufbuild/protobuf";
import type { ContextKey, HandlerContext, MethodImpl } from "@connectrpc/connect";
import type { Compression, UniversalHandler } from "@connectrpc/connect/protocol";
import type { MethodCodecs } from "../../codec/method-codecs.js";
import { type CachedMethod, type CachingHeaders, cachingHeaders } from "./caching-headers.js";
import type { ConnectLibrary } from "./connect-library.js";
import type { JsonOptions } from "./http-options.js";

/** What is asked of a method that is served over the web. */
export interface WebMethod extends CachedMethod {
  readonly desc: DescMethod;
  readonly path: string;
  readonly codecs: Required<MethodCodecs>;
  readonly maxRequestBytes: number;
}

/** Who answers a request that a handler of connect's has read. */
export interface Answering {
  /** Of a method with one response. */
  single(requests: AsyncIterable<Message>, context: HandlerContext): Promise<Message>;
  /** Of a method with a stream of responses. */
  stream(requests: AsyncIterable<Message>, context: HandlerContext): AsyncIterable<Message>;
}

/** A method, and the handler of connect's that reads its requests and writes its responses. */
export interface WebRoute<Method extends WebMethod> {
  readonly method: Method;
  readonly handler: UniversalHandler;
  readonly json: Partial<JsonReadOptions & JsonWriteOptions>;
  /** What caches are told of its answers to GET. */
  readonly caching: CachingHeaders;
}

/** Finds who answers in what a request is handed on with. */
export type AnsweringKey = ContextKey<Answering | undefined>;

// What connect takes for "never": what is packed is said by the call, from message to message.
const NEVER_PACKED = 0xffff_ffff;

/**
 * Makes handlers of connect's for methods, by their paths.
 *
 * @param withCookies whether handlers see cookies
 */
export function webRoutes<Method extends WebMethod>(
  connect: ConnectLibrary,
  methods: Iterable<Method>,
  key: AnsweringKey,
  json: Partial<JsonReadOptions & JsonWriteOptions>,
  acceptCompression: Compression[],
  withCookies: boolean,
): ReadonlyMap<string, WebRoute<Method>> {
  const routes = new Map<string, WebRoute<Method>>();
  for (const method of methods) {
    const router = connect.createConnectRouter({
      grpc: false,
      acceptCompression,
      jsonOptions: json,
      readMaxBytes: Math.max(1, Math.min(method.maxRequestBytes, NEVER_PACKED)),
      compressMinBytes: NEVER_PACKED,
    });
    const [handler] = router.rpc(method.desc, implementationOf(method.desc, key)).handlers;
    if (handler !== undefined) {
      routes.set(method.path, { method, handler, json, caching: cachingHeaders(method, withCookies) });
    }
  }
  return routes;
}

/** What connect's JSON is told. @param types of messages that travel in an `Any` */
export function jsonOptions(options: JsonOptions, types: Registry): Partial<JsonReadOptions & JsonWriteOptions> {
  return {
    registry: types,
    ignoreUnknownFields: options.unknownFields !== "refuse",
    useProtoFieldName: options.fieldNames === "proto",
    enumAsInteger: options.enums === "numbers",
    alwaysEmitImplicit: options.zeroValues ?? false,
  };
}

// connect types an implementation by its method's kind, which is only known here when it runs.
function implementationOf(desc: DescMethod, key: AnsweringKey): MethodImpl<DescMethod> {
  const isSingleRequest = desc.methodKind === "unary" || desc.methodKind === "server_streaming";
  const isSingleResponse = desc.methodKind === "unary" || desc.methodKind === "client_streaming";
  const implementation = (input: unknown, context: HandlerContext): unknown => {
    const answering = context.values.get(key);
    if (answering === undefined) {
      throw new Error("A request came without the call that it is of");
    }
    const requests = isSingleRequest ? one(input as Message) : (input as AsyncIterable<Message>);
    return isSingleResponse ? answering.single(requests, context) : answering.stream(requests, context);
  };
  return implementation as MethodImpl<DescMethod>;
}

async function* one(message: Message): AsyncGenerator<Message> {
  yield message;
}
