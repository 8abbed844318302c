import type { cors as ConnectCors } from "@connectrpc/connect";
import type { CorsPolicy } from "./http-options.js";
import type { WebExchange } from "./web-exchange.js";

/** What a page's origin means for its call. */
export type OriginVerdict =
  /** The call goes on, and its handler may see cookies. */
  | "known"
  /** The call goes on, without cookies. */
  | "unknown"
  /** The call has cookies, and comes from where none may: it is refused. */
  | "refused";

/** Lets pages of other origins call, and read what is answered: https://fetch.spec.whatwg.org/#http-cors-protocol. */
export class Cors {
  readonly #policy: CorsPolicy | undefined;
  readonly #origins: ReadonlySet<string>;
  readonly #exposed: string;
  readonly #preflight: Readonly<Record<string, string>>;

  /** @param policy `undefined`: no page of another origin may */
  constructor(policy: CorsPolicy | undefined, protocols: typeof ConnectCors) {
    this.#policy = policy;
    this.#origins = new Set(policy?.origins);
    this.#exposed = list(protocols.exposedHeaders, policy?.exposedHeaders);
    this.#preflight = {
      "access-control-allow-methods": protocols.allowedMethods.join(", "),
      "access-control-allow-headers": list(protocols.allowedHeaders, policy?.allowedHeaders),
      "access-control-max-age": String(policy?.maxAgeSeconds ?? 0),
    };
  }

  /** Whether a browser asks what a page may do. */
  isPreflight(exchange: WebExchange): boolean {
    return (
      exchange.method === "OPTIONS" &&
      exchange.header("origin") !== undefined &&
      exchange.header("access-control-request-method") !== undefined
    );
  }

  /** Answers it. An origin that may not call is told nothing. */
  answerPreflight(exchange: WebExchange): void {
    this.allow(exchange);
    // The cache key of what is allowed: RFC 9110, 12.5.5.
    exchange.response.setHeader("vary", "origin, access-control-request-method, access-control-request-headers");
    exchange.answer(204, this.#allows(exchange.header("origin")) ? this.#preflight : {});
  }

  /** Adds to an answer what lets the page read it, if it may. */
  allow(exchange: WebExchange): void {
    const policy = this.#policy;
    if (policy === undefined) {
      return;
    }
    const { response } = exchange;
    const origin = exchange.header("origin");
    response.setHeader("vary", "origin");
    if (origin !== undefined && this.#allows(origin)) {
      response.setHeader("access-control-allow-origin", this.#origins.has("*") ? "*" : origin);
      response.setHeader("access-control-expose-headers", this.#exposed);
      if (policy.credentials) {
        response.setHeader("access-control-allow-credentials", "true");
      }
    }
  }

  /** Says whether a call's cookies count, and whether it may go on. */
  verdict(exchange: WebExchange): OriginVerdict {
    if (this.#policy?.credentials !== true || exchange.header("cookie") === undefined) {
      return "unknown";
    }
    const origin = exchange.header("origin");
    if (origin === undefined) {
      // A page's GET of its own origin has none; nor has one of another page's images, which must not use anybody's cookies.
      return exchange.header("sec-fetch-site") === "same-origin" ? "known" : "unknown";
    }
    return this.#allows(origin) || isOwn(origin, exchange.host) ? "known" : "refused";
  }

  #allows(origin: string | undefined): boolean {
    return origin !== undefined && (this.#origins.has("*") || this.#origins.has(origin));
  }
}

function isOwn(origin: string, host: string): boolean {
  return host !== "" && (origin === `https://${host}` || origin === `http://${host}`);
}

function list(...names: readonly (readonly string[] | undefined)[]): string {
  return [...new Set(names.flatMap((each) => each ?? []).map((name) => name.toLowerCase()))].join(", ");
}
