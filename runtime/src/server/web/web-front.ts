import { Http2ServerRequest, Http2ServerResponse, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Registry } from "@bufbuild/protobuf";
import { type CallFailure, refused } from "../../call/call-failure.js";
import { Status } from "../../wire/status.js";
import type { AdmittedCall, MakeCall } from "../http2/request-gate.js";
import type { ServedSession } from "../http2/served-session.js";
import { NOT_KEPT } from "./caching-headers.js";
import type { ConnectLibrary } from "./connect-library.js";
import { Cors } from "./cors.js";
import type { CorsPolicy, JsonOptions } from "./http-options.js";
import { WebCall, type WebLimits } from "./web-call.js";
import { webEncodings } from "./web-encodings.js";
import { WebExchange } from "./web-exchange.js";
import { type Answering, jsonOptions, type WebMethod, type WebRoute, webRoutes } from "./web-routes.js";
import { webTimeoutMs } from "./web-timeout.js";

/** What a server is over the web. */
export interface WebSettings<Method> extends Pick<WebLimits, "budget" | "requestTimeoutMs"> {
  readonly methods: ReadonlyMap<string, Method>;
  readonly makeCall: MakeCall<Method>;
  /** Of messages that travel in an `Any`. */
  readonly types: Registry;
  readonly json: JsonOptions;
  readonly cors: CorsPolicy | undefined;
  /** Whether the server serves; `undefined`: nobody may ask by `/healthz` and `/readyz`. */
  readonly isReady: (() => boolean) | undefined;
}

const NO_CONTENT_TYPE = "";

/** Takes requests that aren't gRPC's: calls of Connect and gRPC-Web, preflights, questions after health. All others are refused in HTTP's terms. */
export class WebFront<Method extends WebMethod> {
  readonly #settings: WebSettings<Method>;
  readonly #routes: ReadonlyMap<string, WebRoute<Method>>;
  readonly #limits: WebLimits;
  readonly #cors: Cors;

  constructor(connect: ConnectLibrary, settings: WebSettings<Method>) {
    const key = connect.createContextKey<Answering | undefined>(undefined);
    const { methods, types, json, budget, requestTimeoutMs, cors } = settings;
    const encodings = webEncodings(connect.ConnectError);
    this.#settings = settings;
    const withCookies = cors?.credentials ?? false;
    this.#routes = webRoutes(connect, methods.values(), key, jsonOptions(json, types), encodings, withCookies);
    this.#limits = { connect, key, types, budget, requestTimeoutMs, encodings };
    this.#cors = new Cors(cors, connect.cors);
  }

  /** A stream of HTTP/2 that isn't gRPC's. Never throws. */
  readonly enterStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, session: ServedSession): void => {
    session.callStarted();
    stream.on("error", ignored);
    stream.once("close", () => session.callEnded(stream.aborted));
    const request = new Http2ServerRequest(stream, headers, {}, []);
    this.enter(new WebExchange(request, new Http2ServerResponse(stream), session));
  };

  /** A request. Never throws. */
  readonly enter = (exchange: WebExchange): void => {
    if (this.#cors.isPreflight(exchange)) {
      this.#cors.answerPreflight(exchange);
      return;
    }
    const route = this.#routes.get(exchange.path);
    if (route === undefined) {
      this.#answerPath(exchange);
      return;
    }
    this.#cors.allow(exchange);
    const refusal = notACall(exchange, route);
    if (refusal !== undefined) {
      exchange.answer(refusal.status, { ...NOT_KEPT, ...refusal.headers });
      return;
    }
    this.#call(exchange, route);
  };

  #call(exchange: WebExchange, route: WebRoute<Method>): void {
    const timeoutMs = webTimeoutMs((name) => exchange.header(name));
    const origin = this.#cors.verdict(exchange);
    let call: AdmittedCall | undefined;
    new WebCall(exchange, route, this.#limits, origin === "known", (transport) => {
      const grantedMs = Number.isNaN(timeoutMs) ? Number.POSITIVE_INFINITY : timeoutMs;
      call = this.#settings.makeCall(route.method, transport, grantedMs);
      return call;
    });
    call?.begin(origin === "refused" ? FOREIGN_COOKIES : refusalOf(timeoutMs));
  }

  #answerPath(exchange: WebExchange): void {
    const { isReady } = this.#settings;
    const isQuestion = exchange.method === "GET" || exchange.method === "HEAD";
    if (isReady !== undefined && isQuestion && exchange.path === "/healthz") {
      exchange.answer(200, NOT_KEPT, "ok");
    } else if (isReady !== undefined && isQuestion && exchange.path === "/readyz") {
      const serves = isReady();
      exchange.answer(serves ? 200 : 503, NOT_KEPT, serves ? "ok" : "not serving");
    } else {
      this.#cors.allow(exchange);
      exchange.answer(404, NOT_KEPT);
    }
  }
}

const FOREIGN_COOKIES: CallFailure = refused(
  Status.PERMISSION_DENIED,
  "The call has cookies, and comes from a page that may not use them",
);

function refusalOf(timeoutMs: number): CallFailure | undefined {
  if (Number.isNaN(timeoutMs)) {
    const text = "The timeout isn't one: connect-timeout-ms has up to ten digits; grpc-timeout up to eight, and a unit";
    return refused(Status.INVALID_ARGUMENT, text, "error");
  }
  return timeoutMs <= 0 ? refused(Status.DEADLINE_EXCEEDED, "Deadline exceeded") : undefined;
}

interface HttpRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What is answered to a request for a method that is none of a protocol's. */
function notACall(exchange: WebExchange, { handler, method }: WebRoute<WebMethod>): HttpRefusal | undefined {
  if (!handler.allowedMethods.includes(exchange.method)) {
    return { status: 405, headers: { allow: handler.allowedMethods.join(", ") } };
  }
  const contentType = exchange.header("content-type") ?? NO_CONTENT_TYPE;
  if (exchange.method === "GET") {
    const isEncoded = /^(?:proto|json)$/.test(exchange.query.get("encoding") ?? "");
    return isEncoded ? undefined : { status: 415, headers: {} };
  }
  if (!handler.supportedContentType(contentType) || /^application\/grpc-web-text/i.test(contentType)) {
    return { status: 415, headers: { "accept-post": acceptedTypes(method) } };
  }
  if (method.desc.methodKind === "bidi_streaming" && exchange.isHttp1) {
    // Both sides would wait for each other.
    return { status: 505, headers: { connection: "close" } };
  }
  return undefined;
}

function acceptedTypes({ desc }: WebMethod): string {
  const connect =
    desc.methodKind === "unary"
      ? ["application/json", "application/proto"]
      : ["application/connect+json", "application/connect+proto"];
  return [...connect, "application/grpc-web+proto", "application/grpc-web+json"].join(", ");
}

function ignored(): void {}
