import { group } from "../../options/check-options.js";
import { count, flag, listOf, type OptionRules, oneOf, rule, time } from "../../options/option-rule.js";

/**
 * What a server speaks beside gRPC: Connect and gRPC-Web, over HTTP/2 and HTTP/1.1, at the same port. An empty object opens it to
 * everything but browsers of other origins. It needs the package `@connectrpc/connect`.
 */
export interface HttpOptions {
  /** Which pages of other origins may call. Default: none. */
  readonly cors?: CorsOptions;
  /** How messages are written and read as JSON. */
  readonly json?: JsonOptions;
  /**
   * Whether `GET /healthz` says 200 while the process runs, and `GET /readyz` 200 while the server serves and 503 when it doesn't: for
   * kubelets and load balancers that speak no gRPC. Default: no.
   */
  readonly health?: boolean;
  /** How long the headers of a request over HTTP/1.1 may take, from their first byte on. Default 10 s. */
  readonly headersTimeoutMs?: number;
  /**
   * How long a connection of HTTP/1.1 may wait for its next request. Default 75 s: longer than load balancers wait by default, since who
   * closes first while the other one sends loses a request.
   */
  readonly keepAliveTimeoutMs?: number;
}

/** Which pages may call, as https://fetch.spec.whatwg.org/#http-cors-protocol has it. */
export interface CorsOptions {
  /**
   * The origins: `https://app.example.com`, `http://localhost:5173`. `"*"`, which must stand alone, is any; it is refused where a
   * method asks who calls, and together with `credentials`.
   */
  readonly origins: readonly string[];
  /** Request headers that pages may set beside those that the protocols need. Default: none, and `authorization` where a method asks who calls. */
  readonly allowedHeaders?: readonly string[];
  /** Response headers that pages may read beside those that the protocols need. */
  readonly exposedHeaders?: readonly string[];
  /**
   * Whether cookies count. Then each call that has some must come from one of the origins, or from the server's own, and any other is
   * refused. Without it, handlers see no cookies. Default: no.
   */
  readonly credentials?: boolean;
  /** How long a browser may remember what it was allowed, in seconds. Default 7200, the most that Chromium takes. */
  readonly maxAgeSeconds?: number;
}

/** How messages are JSON: https://protobuf.dev/programming-guides/json. */
export interface JsonOptions {
  /** What becomes of a field that the server doesn't know. Default: `"ignore"`, so that a client may be newer than the server. */
  readonly unknownFields?: "ignore" | "refuse";
  /** How fields are named in answers; both are read. Default: `"camelCase"`. */
  readonly fieldNames?: "camelCase" | "proto";
  /** How enums are written in answers; both are read. Default: `"names"`. */
  readonly enums?: "names" | "numbers";
  /** Whether answers have fields whose value is their type's zero. Default: no. */
  readonly zeroValues?: boolean;
}

/** How long what may take, for slow and hostile peers of HTTP/1.1. */
export const DEFAULT_HEADERS_TIMEOUT_MS = 10_000;
export const DEFAULT_KEEP_ALIVE_TIMEOUT_MS = 75_000;
const DEFAULT_MAX_AGE_SECONDS = 7_200;

const origin = rule(
  'an origin as a browser sends it, without a path: "https://app.example.com"; or "*"',
  (value) => value === "*" || (typeof value === "string" && isOrigin(value)),
);

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Schemes of one's own, as an app's web view has, have the origin "null" for the URL class.
  return (
    url !== undefined &&
    (url.origin === text || (url.origin === "null" && /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+$/.test(text)))
  );
}

const headerName = rule(
  "the name of a header",
  (value) => typeof value === "string" && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value),
);

const CORS_RULES: OptionRules<CorsOptions> = {
  origins: {
    faults: (name, value) => {
      const faults = listOf("origins", origin).faults(name, value);
      const isMixed = Array.isArray(value) && value.length > 1 && value.includes("*");
      return faults.length === 0 && isMixed ? [`${name} must be ["*"] alone, or origins without it`] : faults;
    },
    isRequired: true,
  },
  allowedHeaders: listOf("names of headers", headerName),
  exposedHeaders: listOf("names of headers", headerName),
  credentials: flag,
  maxAgeSeconds: count("seconds", { most: 86_400 }),
};

const JSON_RULES: OptionRules<JsonOptions> = {
  unknownFields: oneOf("ignore", "refuse"),
  fieldNames: oneOf("camelCase", "proto"),
  enums: oneOf("names", "numbers"),
  zeroValues: flag,
};

export const HTTP_RULES: OptionRules<HttpOptions> = {
  cors: group(CORS_RULES),
  json: group(JSON_RULES),
  health: flag,
  headersTimeoutMs: time({ least: 1 }),
  keepAliveTimeoutMs: time({ least: 1 }),
};

/** CORS with its defaults in place. */
export interface CorsPolicy extends Required<CorsOptions> {}

/**
 * Completes what a user says of CORS.
 *
 * @param asksWhoCalls whether a method that is served has an `auth` requirement
 * @throws {Error} if any page could call what isn't anybody's to call
 */
export function corsPolicy(options: CorsOptions, asksWhoCalls: boolean): CorsPolicy {
  const { origins, allowedHeaders = [], exposedHeaders = [], credentials = false } = options;
  if (origins.includes("*") && (asksWhoCalls || credentials)) {
    const why = credentials ? "cookies count (http.cors.credentials)" : "methods ask who calls (auth)";
    throw new Error(
      `Can't make the server: http.cors.origins is "*", and ${why}. Name the origins: ["https://app.example.com"]`,
    );
  }
  const maxAgeSeconds = options.maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS;
  return {
    origins,
    allowedHeaders: asksWhoCalls ? ["authorization", ...allowedHeaders] : allowedHeaders,
    exposedHeaders,
    credentials,
    maxAgeSeconds,
  };
}
