import type { Metadata } from "@grpc/grpc-js";
import type { CallContext, ContextKey } from "../call/call-context.js";
import type { AuthVerifier } from "./auth.js";
import { caller, type Identity, identityKey } from "./identity.js";

/**
 * Finds out whose token it is. `undefined`, or `null`, for a token that isn't good: the call ends with UNAUTHENTICATED where the contract
 * requires auth. Throw only what isn't the caller's fault, such as keys that can't be fetched: it ends the call as if the
 * handler had thrown it.
 */
export type TokenVerifier<Caller extends Identity> = (
  token: string,
  context: CallContext,
) => Promise<Caller | null | undefined> | Caller | null | undefined;

/** Auth by bearer tokens, with the caller as a typed value of each call. */
export interface BearerAuth<Caller extends Identity> {
  /** For the `auth` of a server's options. */
  readonly verifier: AuthVerifier;
  /** Where {@link CallContext.values} has the caller: `undefined` for anonymous calls, and where no auth is asked for. */
  readonly key: ContextKey<Caller | undefined>;
  /**
   * The caller of a call whose contract requires auth.
   *
   * @throws {Error} if the call is anonymous, which the contract of its method then allows
   */
  caller(context: CallContext): Caller;
}

/**
 * Makes auth by `authorization: Bearer …`: each token goes to `verify` before the handler runs, and what that returns is
 * the call's typed caller. Which methods ask for it, and for which scopes, says the contract.
 */
export function bearerAuth<Caller extends Identity>(verify: TokenVerifier<Caller>): BearerAuth<Caller> {
  const key = identityKey as ContextKey<Caller | undefined>;
  return {
    key,
    verifier(metadata, context) {
      const token = bearerTokenOf(metadata);
      return token === undefined ? undefined : verify(token, context);
    },
    caller: (context) => caller(context) as Caller,
  };
}

/** The token of a call; `undefined` unless there is exactly one. */
export function bearerTokenOf(metadata: Metadata): string | undefined {
  const [header, ...more] = metadata.get("authorization");
  if (typeof header !== "string" || more.length > 0) {
    return undefined;
  }
  return /^bearer +(?<token>[\w.~+/-]+=*)$/i.exec(header)?.groups?.token;
}
