import type { PeerCertificate } from "node:tls";
import type { Message, Registry } from "@bufbuild/protobuf";
import type { ConnectError, HandlerContext } from "@connectrpc/connect";
import type { Compression, UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { Metadata } from "@grpc/grpc-js";
import { refused } from "../../call/call-failure.js";
import type { ConnectionAddresses } from "../../wire/connection-addresses.js";
import { Status } from "../../wire/status.js";
import type { RequestBudget } from "../http2/request-budget.js";
import type { CallReceiver, CallTransport, CopyableBytes } from "../transport/call-transport.js";
import { type Alarm, deadlines, type Expiring } from "../transport/deadline-wheel.js";
import { AnswerPacking } from "./answer-packing.js";
import { tellCaches } from "./caching-headers.js";
import { type FoundFault, failureOfFault, foundFault } from "./connect-failure.js";
import type { ConnectLibrary } from "./connect-library.js";
import { checkJsonAnswer } from "./json-answer.js";
import { jsonFaultPath } from "./json-fault.js";
import { type BodyReader, RequestBody } from "./request-body.js";
import { ResponseQueue } from "./response-queue.js";
import { standIn } from "./stand-in.js";
import { type UnreadJson, unreadJson } from "./unread-json.js";
import { webError } from "./web-error.js";
import type { WebExchange } from "./web-exchange.js";
import { addToHeaders, nodeHeaders, requestMetadata } from "./web-metadata.js";
import type { Answering, AnsweringKey, WebMethod, WebRoute } from "./web-routes.js";
import { TIMEOUT_HEADERS } from "./web-timeout.js";

/** What the calls of a server over the web share. */
export interface WebLimits {
  readonly connect: ConnectLibrary;
  readonly key: AnsweringKey;
  readonly types: Registry;
  readonly budget: RequestBudget;
  readonly requestTimeoutMs: number;
  /** What answers may be packed with. */
  readonly encodings: readonly Compression[];
}

// How long what goes before an error may wait for a peer that doesn't read.
const UNSENT_STATUS_MS = 10_000;
const OK = 200;
// What shows that a request is on its way.
const PROGRESS_BYTES = 64 * 1024;

const OVERFULL = refused(Status.UNAVAILABLE, "The server holds as many requests as it can");

/**
 * One call of Connect or gRPC-Web. A handler of connect's reads its requests and writes its responses; what is between is the same as
 * for gRPC: the handler is asked to read when the call wants a message, and answers with what the call sends.
 *
 * Where the call has a status before its request is read (nobody knows the caller, time is up, connect can't read it), the handler is given
 * an empty request in its place, so that the status leaves in the caller's protocol whatever that is.
 */
export class WebCall implements CallTransport, Answering, BodyReader, Expiring {
  // Messages are unpacked before they come here.
  readonly requestCompressed = false;
  // What is packed is what connect's handlers write, whatever the format: see AnswerPacking.
  readonly packsItself = true;
  // Whether the caller reads any of it is seen there, too: caches are told of it either way.
  readonly acceptsGzip = true;
  receivedBytes = 0;
  sentStatus: Status | undefined;
  readonly #exchange: WebExchange;
  readonly #route: WebRoute<WebMethod>;
  readonly #limits: WebLimits;
  readonly #withCookies: boolean;
  readonly #body: RequestBody;
  readonly #receiver: CallReceiver;
  readonly #queue: ResponseQueue;
  readonly #aborted = new AbortController();
  readonly #packing: AnswerPacking;
  #metadata: Metadata | undefined;
  #headers: Metadata | undefined;
  #areHeadersDue = false;
  /** The answer's status and headers have left. */
  #hasBegun = false;
  /** Of the handler that has read the request. */
  #context: HandlerContext | undefined;
  #requests: AsyncIterator<Message> | undefined;
  /** Which of the handler's runs counts: the first, or the one with an empty request. */
  #run = 0;
  #isAnswered = false;
  #isWanted = false;
  #isFeeding = false;
  #json: UnreadJson | undefined;
  #alarm: Alarm | undefined;
  #timedFrom = 0;
  #status: Status | undefined;
  #failure: ConnectError | undefined;
  #trailers: Metadata | undefined;
  #isGone = false;

  /**
   * @param withCookies whether the handler may see the caller's cookies
   * @param makeReceiver is given the call, and makes who is told of what comes
   */
  constructor(
    exchange: WebExchange,
    route: WebRoute<WebMethod>,
    limits: WebLimits,
    withCookies: boolean,
    makeReceiver: (call: WebCall) => CallReceiver,
  ) {
    this.#exchange = exchange;
    this.#route = route;
    this.#limits = limits;
    this.#withCookies = withCookies;
    this.#receiver = makeReceiver(this);
    this.#body = new RequestBody(exchange.request, limits.budget, route.method.maxRequestBytes, this);
    this.#queue = new ResponseQueue(() => this.#receiver.onRoom());
    this.#packing = new AnswerPacking(exchange, limits.encodings);
    exchange.response.on("close", () => this.#closed());
  }

  // Who calls.

  get peer(): string {
    return this.#exchange.peer.peer;
  }

  get peerCertificate(): PeerCertificate | undefined {
    return this.#exchange.peer.peerCertificate;
  }

  get addresses(): ConnectionAddresses {
    return this.#exchange.peer.addresses;
  }

  get host(): string {
    return this.#exchange.host;
  }

  get requestMetadata(): Metadata {
    this.#metadata ??= requestMetadata(this.#exchange, this.#withCookies);
    return this.#metadata;
  }

  requestHeader(name: string): string | undefined {
    return this.#exchange.header(name);
  }

  // What comes in.

  pull(): void {
    this.#isWanted = true;
    if (this.#run === 0) {
      this.#read();
    } else {
      void this.#feed();
    }
  }

  release(): void {
    this.#body.release();
  }

  received(bytes: number): void {
    this.receivedBytes += bytes;
    this.#exchange.peer.read(bytes);
    if (this.#alarm !== undefined && this.receivedBytes - this.#timedFrom >= PROGRESS_BYTES) {
      // Little bandwidth isn't a peer that keeps the server waiting: the time runs anew.
      this.#time();
    }
  }

  refused(): void {
    this.#receiver.stop(OVERFULL);
  }

  /** The request took too long to come, or the answer to leave. */
  expired(): void {
    this.#alarm = undefined;
    if (this.#status !== undefined) {
      this.#exchange.abort();
      return;
    }
    const text = `The request wasn't complete within ${this.#limits.requestTimeoutMs} ms`;
    this.#receiver.stop(refused(Status.DEADLINE_EXCEEDED, text));
  }

  /** Has the handler read the request. */
  #read(): void {
    const { request } = this.#exchange;
    if (this.#receiver.isSingleRequest) {
      this.#time();
    }
    const header = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (!name.startsWith(":") && value !== undefined && !(TIMEOUT_HEADERS as readonly string[]).includes(name)) {
        header.set(name, String(value));
      }
    }
    this.#json = unreadJson(this.#exchange, this.#limits.encodings);
    this.#handle({
      httpVersion: request.httpVersion,
      method: this.#exchange.method,
      url: `http://${UNKNOWN_HOST}${request.url}`,
      header,
      body: this.#bytes(),
      signal: this.#aborted.signal,
    });
  }

  async *#bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#body.chunks()) {
      this.#json?.add(chunk);
      yield chunk;
    }
    if (this.#receiver.isSingleRequest) {
      this.#silence();
    }
  }

  #handle(request: UniversalServerRequest): void {
    this.#run += 1;
    const run = this.#run;
    const answering: Answering = {
      single: (requests, context) => this.#begun(run, requests, context).single(requests, context),
      stream: (requests, context) => this.#begun(run, requests, context).stream(requests, context),
    };
    const contextValues = this.#limits.connect.createContextValues().set(this.#limits.key, answering);
    this.#route
      .handler({ ...request, contextValues })
      .then((response) => this.#handled(run, response))
      .catch(() => this.#exchange.abort());
  }

  /** The handler has read the request, or enough of it to go on. */
  #begun(run: number, requests: AsyncIterable<Message>, context: HandlerContext): this {
    if (run !== this.#run) {
      throw new Error("The call was answered meanwhile");
    }
    this.#isAnswered = true;
    if (this.#receiver.isSingleRequest) {
      this.#json = undefined;
    }
    this.#requests = requests[Symbol.asyncIterator]();
    this.#context = context;
    this.#beginAnswer();
    void this.#feed();
    return this;
  }

  async #feed(): Promise<void> {
    while (this.#isWanted && this.#requests !== undefined && !this.#isFeeding && this.#status === undefined) {
      this.#isFeeding = true;
      const next = await this.#requests.next().catch((error: unknown) => this.#unread(error));
      this.#isFeeding = false;
      if (next === undefined || this.#isGone || this.#status !== undefined) {
        return;
      }
      this.#isWanted = false;
      this.#json?.read();
      if (next.done === true) {
        this.#receiver.onRequestsEnd(false);
      } else {
        if (!this.#receiver.isSingleRequest) {
          this.#body.release();
        }
        this.#receiver.onMessage(this.#route.method.codecs.request.encode(next.value));
      }
    }
  }

  async #unread(error: unknown): Promise<undefined> {
    if (!this.#isGone && this.#status === undefined) {
      await this.#stopFor(this.#limits.connect.ConnectError.from(error, Status.INTERNAL as number));
    }
  }

  async #stopFor(fault: FoundFault): Promise<void> {
    const { desc, maxRequestBytes } = this.#route.method;
    const text = await this.#json?.first();
    const place = text === undefined ? undefined : jsonFaultPath(desc.input, text, this.#route.json);
    const request = { typeName: desc.input.typeName, maxBytes: maxRequestBytes, place };
    this.#receiver.stop(failureOfFault(fault, request));
  }

  // What goes out.

  /**
   * They leave at once, as by gRPC. In Connect's unary calls HTTP's status says how the call ends, so there they leave with it.
   */
  sendHeaders(metadata: Metadata | undefined): void {
    addToHeaders(new Headers(), metadata);
    // What is added to them later is too late, whether or not they have left.
    this.#headers = metadata?.clone();
    this.#areHeadersDue = true;
    this.#beginAnswer();
    // A status may follow at once, and then the request need not be read.
    queueMicrotask(() => this.#readToAnswer());
  }

  sendMessage(message: CopyableBytes, packed: boolean): boolean {
    if (this.#isGone || this.#status !== undefined) {
      return true;
    }
    const bytes = new Uint8Array(message.byteLength);
    message.copy(bytes);
    if (this.#isJson) {
      // What can't be written is the handler's failure, and has to show itself while the call can still say so.
      checkJsonAnswer(this.#route, bytes);
    }
    const hasRoom = this.#queue.push(bytes, packed);
    this.#readToAnswer();
    return hasRoom;
  }

  /** The handler of connect's answers once it has read the request, or begun to. */
  #readToAnswer(): void {
    if (this.#run === 0 && this.#status === undefined && !this.#isGone) {
      this.#read();
    }
  }

  /** Sends the headers, if they are there, and nothing else decides about them. */
  #beginAnswer(): void {
    const header = this.#context?.responseHeader;
    if (
      header === undefined ||
      !this.#areHeadersDue ||
      this.#hasBegun ||
      this.#isUnaryConnect ||
      this.#exchange.isOver
    ) {
      return;
    }
    addToHeaders(header, this.#headers);
    this.#begin(OK, header);
    this.#exchange.flush();
  }

  #begin(status: number, header: Headers | undefined): void {
    this.#hasBegun = true;
    this.#exchange.begin(status, nodeHeaders(header));
  }

  get #isUnaryConnect(): boolean {
    return this.#exchange.method === "GET" || /^application\/(?:json|proto)\b/i.test(this.#contentType);
  }

  get #isJson(): boolean {
    return this.#exchange.method === "GET"
      ? this.#exchange.query.get("encoding") === "json"
      : /json/i.test(this.#contentType);
  }

  get #contentType(): string {
    return this.#exchange.header("content-type") ?? "";
  }

  sendStatus(status: Status, message: string, trailers: Metadata | undefined): void {
    if (this.#isGone || this.#status !== undefined) {
      return;
    }
    // Whatever can't be sent shows itself before anything is.
    addToHeaders(new Headers(), trailers);
    this.#status = status;
    this.#trailers = trailers;
    if (status !== Status.OK) {
      this.#failure = webError(this.#limits.connect.ConnectError, this.#limits.types, status, message, trailers);
    }
    this.#silence();
    this.#queue.end();
    if (!this.#isAnswered) {
      this.#body.drop();
      this.#handle(standIn(this.#exchange, this.#aborted.signal));
    }
    if (status !== Status.OK) {
      this.#alarm = deadlines.set(this, UNSENT_STATUS_MS);
    }
  }

  reset(): void {
    this.#exchange.abort();
  }

  async single(requests: AsyncIterable<Message>, context: HandlerContext): Promise<Message> {
    let last: Message | undefined;
    for await (const message of this.stream(requests, context)) {
      last = message;
    }
    if (last === undefined) {
      throw new Error("The call has ended well, without a response");
    }
    return last;
  }

  async *stream(_requests: AsyncIterable<Message>, context: HandlerContext): AsyncGenerator<Message> {
    let areHeadersSet = false;
    for (;;) {
      const next = await this.#queue.next();
      if (!areHeadersSet && !this.#hasBegun) {
        areHeadersSet = true;
        addToHeaders(context.responseHeader, this.#headers);
      }
      if (next === undefined) {
        break;
      }
      this.#packing.next(next.packed);
      yield this.#route.method.codecs.response.decode(next.bytes);
    }
    addToHeaders(context.responseTrailer, this.#trailers);
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  async #handled(run: number, response: UniversalServerResponse): Promise<void> {
    if (run !== this.#run || this.#isGone) {
      await dispose(response);
    } else if (this.#isAnswered) {
      await this.#send(response);
    } else {
      await this.#unreadable(run, response);
    }
  }

  /** The handler has answered of itself: it couldn't read the request. */
  async #unreadable(run: number, response: UniversalServerResponse): Promise<void> {
    const fault = await foundFault(response);
    if (run !== this.#run || this.#isGone) {
      return;
    }
    if (this.#status !== undefined) {
      // The empty request couldn't be read either: there is no protocol to say it in.
      this.#exchange.abort();
    } else {
      await this.#stopFor(fault ?? { code: Status.INTERNAL as number, rawMessage: "" });
    }
  }

  async #send(answer: UniversalServerResponse): Promise<void> {
    const exchange = this.#exchange;
    const { status, header, body } = this.#isUnaryConnect ? await this.#packing.whole(answer) : answer;
    if (!this.#hasBegun) {
      const headers = new Headers(header);
      if (exchange.method === "GET") {
        tellCaches(headers, status === OK, this.#route.caching);
      }
      this.#begin(status, headers);
    }
    for await (const chunk of body ?? []) {
      if (this.#isGone || exchange.isOver) {
        break;
      }
      await exchange.write(this.#isUnaryConnect ? chunk : await this.#packing.envelope(chunk));
    }
    if (!this.#isGone && this.#status !== undefined) {
      this.sentStatus = this.#status;
      this.#body.drop();
      exchange.end();
    }
  }

  /** The answer has left, or the peer. */
  #closed(): void {
    if (!this.#isGone) {
      this.#isGone = true;
      this.#silence();
      this.#body.drop();
      this.#queue.end();
      this.#aborted.abort();
      this.#receiver.onClose();
    }
  }

  /** The request has so much time from now on. */
  #time(): void {
    this.#silence();
    this.#timedFrom = this.receivedBytes;
    if (this.#limits.requestTimeoutMs !== Number.POSITIVE_INFINITY && this.#status === undefined) {
      this.#alarm = deadlines.set(this, this.#limits.requestTimeoutMs);
    }
  }

  #silence(): void {
    if (this.#alarm !== undefined) {
      deadlines.clear(this.#alarm);
      this.#alarm = undefined;
    }
  }
}

// The handlers want a whole URL, and look at its query alone. What a caller says of the host may be no part of one.
const UNKNOWN_HOST = "localhost";

/** Has a response's iterator end that nobody reads. */
async function dispose({ body }: UniversalServerResponse): Promise<void> {
  await body?.[Symbol.asyncIterator]().return?.();
}
