import { isDate } from "node:util/types";
import { CallCredentials, Metadata } from "@grpc/grpc-js";
import { answerWithin, DEFAULT_AUTH_TIMEOUT_MS } from "../call/answer-within.js";
import { checkOptions } from "../options/check-options.js";
import { type OptionRules, time } from "../options/option-rule.js";
import { Status } from "../wire/status.js";
import { messageOf } from "../wire/thrown-message.js";

/** A token and how long it is good for. */
export interface AccessToken {
  readonly token: string;
  /** When it ends to be valid. Without it, the provider is asked for each attempt of each call. */
  readonly expiresAt?: Date;
}

/**
 * Gets a token: from a file, a metadata server, an OAuth endpoint. If it throws, takes longer than `authTimeoutMs`, or gives
 * what is no token, the call fails with UNAVAILABLE, which a retry policy may cover; an older token is used on while it is valid.
 *
 * @param signal aborted when it has taken too long
 */
export type TokenProvider = (signal: AbortSignal) => Promise<AccessToken | string> | AccessToken | string;

/** How {@link bearerToken} keeps tokens fresh. */
export interface BearerTokenOptions {
  /** How long before its end a token is replaced, in milliseconds. Calls don't wait for it. Default: 60 s. */
  readonly refreshAheadMs?: number;
  /** How long getting a token may take, in milliseconds; `Infinity`: as long as the call. Default: 10 s. */
  readonly authTimeoutMs?: number;
}

export const BEARER_TOKEN_RULES: OptionRules<BearerTokenOptions> = {
  refreshAheadMs: time(),
  authTimeoutMs: time({ least: 1, forever: true }),
};

/**
 * Sends `authorization: Bearer …` with each call, as `credentials` of a client or of a call. Tokens with an `expiresAt` are
 * kept until shortly before it, and fetched once however many calls wait; one that a server answers with UNAUTHENTICATED
 * isn't kept.
 *
 * Tokens only go over encrypted connections and to the same machine: to other targets, calls fail with UNAUTHENTICATED
 * before anything is sent. `plaintextCredentials` of the channel allows it.
 *
 * @param token the token itself, or what gets one
 * @throws {TypeError} if the token has characters that none can have, or is neither a string nor a function; or if a time is no
 *   number of milliseconds
 */
export function bearerToken(token: string | TokenProvider, options: BearerTokenOptions = {}): CallCredentials {
  if (typeof token !== "function") {
    requireToken(token);
  }
  const keeper = new TokenKeeper(typeof token === "function" ? token : () => token, options);
  const credentials = CallCredentials.createFromMetadataGenerator((_call, callback) => {
    keeper.get().then(
      (value) => callback(null, authorization(value)),
      (error: unknown) => callback(tokenFailure(error)),
    );
  });
  keepers.set(credentials, keeper);
  return credentials;
}

/** A server has answered UNAUTHENTICATED to a call with these credentials. */
export function credentialsRejected(credentials: CallCredentials): void {
  keepers.get(credentials)?.rejected();
}

const keepers = new WeakMap<CallCredentials, TokenKeeper>();

// A server that rejects every token must not have each call fetch another one.
const MIN_AGE_TO_DROP_MS = 5_000;

interface KeptToken {
  readonly token: string;
  readonly fetchedAtMs: number;
  readonly refreshAtMs: number;
  readonly expiresAtMs: number;
}

/** The last token, and the one fetch that is under way. */
class TokenKeeper {
  readonly #provider: TokenProvider;
  readonly #refreshAheadMs: number;
  readonly #authTimeoutMs: number;
  #kept: KeptToken | undefined;
  #fetching: Promise<string> | undefined;

  constructor(provider: TokenProvider, options: BearerTokenOptions) {
    checkOptions("Can't send bearer tokens", options, BEARER_TOKEN_RULES);
    const { refreshAheadMs = 60_000, authTimeoutMs = DEFAULT_AUTH_TIMEOUT_MS } = options;
    this.#provider = provider;
    this.#refreshAheadMs = refreshAheadMs;
    this.#authTimeoutMs = authTimeoutMs;
  }

  get(): Promise<string> {
    const now = Date.now();
    if (this.#kept === undefined || now >= this.#kept.expiresAtMs) {
      return this.#fetch();
    }
    if (now >= this.#kept.refreshAtMs) {
      // Should it fail, this token is still good, and the next call tries again.
      this.#fetch().catch(() => {});
    }
    return Promise.resolve(this.#kept.token);
  }

  rejected(): void {
    if (this.#kept !== undefined && Date.now() - this.#kept.fetchedAtMs >= MIN_AGE_TO_DROP_MS) {
      this.#kept = undefined;
    }
  }

  #fetch(): Promise<string> {
    this.#fetching ??= this.#ask().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #ask(): Promise<string> {
    const fetchedAtMs = Date.now();
    const giveUp = new AbortController();
    // A provider that doesn't heed the signal would keep all later calls waiting.
    const provided = await answerWithin<unknown>(() => this.#provider(giveUp.signal), {
      timeoutMs: this.#authTimeoutMs,
      late: () => {
        giveUp.abort(
          new DOMException(`it didn't come within ${this.#authTimeoutMs} ms (authTimeoutMs)`, "TimeoutError"),
        );
        return giveUp.signal.reason;
      },
    });
    const { token, expiresAtMs } = tokenIn(provided);
    this.#kept = expiresAtMs === undefined ? undefined : this.#keep(token, fetchedAtMs, expiresAtMs);
    return token;
  }

  #keep(token: string, fetchedAtMs: number, expiresAtMs: number): KeptToken {
    // Tokens that live shorter than the usual head start are replaced at half of their time.
    const aheadMs = Math.min(this.#refreshAheadMs, (expiresAtMs - fetchedAtMs) / 2);
    return { token, fetchedAtMs, refreshAtMs: expiresAtMs - aheadMs, expiresAtMs };
  }
}

/** Takes what a provider gave. @throws {TypeError} if that is no token, or one that ends at no time */
function tokenIn(provided: unknown): { readonly token: string; readonly expiresAtMs: number | undefined } {
  if (typeof provided !== "object" || provided === null) {
    requireToken(provided);
    return { token: provided, expiresAtMs: undefined };
  }
  // Each is read once: a second look may show something else.
  const { token, expiresAt } = provided as Readonly<Record<keyof AccessToken, unknown>>;
  requireToken(token);
  if (expiresAt === undefined || expiresAt === null) {
    return { token, expiresAtMs: undefined };
  }
  const expiresAtMs = isDate(expiresAt) ? expiresAt.getTime() : Number.NaN;
  if (Number.isNaN(expiresAtMs)) {
    // It would never be over: no time is later than what isn't one.
    throw new TypeError("the token's expiresAt is no valid Date");
  }
  return { token, expiresAtMs };
}

/** RFC 6750's token characters: anything else, a line break above all, has no place in a header. */
function requireToken(token: unknown): asserts token is string {
  if (typeof token !== "string" || !/^[\w.~+/-]+=*$/.test(token)) {
    // Without the token: messages get logged.
    throw new TypeError("the token is no bearer token: it is empty, or has characters that none can have");
  }
}

function authorization(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}

// grpc-js takes the status from the error, and would make UNKNOWN of one that has none.
function tokenFailure(error: unknown): Error & { readonly code: Status } {
  return Object.assign(new Error(`no bearer token: ${messageOf(error)}`, { cause: error }), {
    code: Status.UNAVAILABLE,
  });
}
