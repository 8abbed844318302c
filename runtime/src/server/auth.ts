import type { DescMethod } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { answerWithin, DEFAULT_AUTH_TIMEOUT_MS } from "../call/answer-within.js";
import type { CallContext } from "../call/call-context.js";
import { RefusedCall } from "../call/call-failure.js";
import type { AuthRequirement } from "../call/servicer-method.js";
import { Status } from "../wire/status.js";
import { type Identity, identityKey, knownCaller } from "./identity.js";

/**
 * Finds out who calls. It is asked before the handler runs, for the methods whose contract has an `auth` requirement.
 *
 * `undefined`, or `null`, means that the call carries no valid credentials. What it throws is handled as if the handler had
 * thrown it: a declared error is sent, anything else becomes INTERNAL. An answer that is neither nothing nor an identity
 * becomes INTERNAL too, and one that takes longer than the server's `authTimeoutMs` UNAVAILABLE: `context.signal` is then
 * aborted. In none of these cases does the handler run.
 */
export type AuthVerifier = (
  metadata: Metadata,
  context: CallContext,
) => Promise<Identity | null | undefined> | Identity | null | undefined;

/** Who knows callers, as a server's options name it. */
export interface AuthOptions {
  readonly auth?: AuthVerifier;
  readonly authTimeoutMs?: number;
}

/** What a method asks of its callers, and who knows them. */
export interface MethodAuth {
  readonly requirement: AuthRequirement;
  readonly verifier: AuthVerifier;
  /** `Infinity`: as long as the call. */
  readonly timeoutMs: number;
}

/**
 * Puts together how a method's callers become known; `undefined` if anybody may call it.
 *
 * @throws {Error} if there is a requirement, and nobody verifies it
 * @throws {TypeError} if the requirement is none: a misspelt one must not let anybody in
 */
export function methodAuth(
  desc: DescMethod,
  requirement: AuthRequirement | undefined,
  { auth: verifier, authTimeoutMs: timeoutMs = DEFAULT_AUTH_TIMEOUT_MS }: AuthOptions,
): MethodAuth | undefined {
  if (requirement === undefined) {
    return undefined;
  }
  const name = `${desc.parent.typeName}.${desc.name}`;
  const scopes: unknown = requirement.scopes;
  const isList = scopes === undefined || (Array.isArray(scopes) && scopes.every((each) => typeof each === "string"));
  if (!["optional", "required"].includes(requirement.requirement) || !isList) {
    throw new TypeError(
      `Can't make the server: the auth of ${name} must have the requirement "optional" or "required", and a list of scopes`,
    );
  }
  if (verifier === undefined) {
    throw new Error(
      `Can't make the server: the contract of ${name} has an auth requirement, and the ` +
        "server has no verifier. Pass `auth` in the server's options.",
    );
  }
  return { requirement, verifier, timeoutMs };
}

/**
 * Lets a call pass if its method's requirement is met, and puts the identity into its values.
 *
 * @throws {RefusedCall} UNAUTHENTICATED without valid credentials where they are required; PERMISSION_DENIED without the
 *   scopes; UNAVAILABLE if the verifier doesn't answer in time
 * @throws {UnusableAnswer} if what it answers is no identity
 */
export async function checkAuth({ requirement, verifier, timeoutMs }: MethodAuth, context: CallContext): Promise<void> {
  const answer = await answerWithin(() => verifier(context.requestMetadata, context), {
    timeoutMs,
    source: context,
    late: () => lateVerifier(timeoutMs),
  });
  const known = knownCaller(answer);
  if (known === undefined) {
    if (requirement.requirement === "required") {
      throw new RefusedCall(Status.UNAUTHENTICATED, "This call needs valid credentials");
    }
    return;
  }
  const missing = requirement.scopes?.filter((scope) => !known.scopes.includes(scope)) ?? [];
  if (missing.length > 0) {
    throw new RefusedCall(Status.PERMISSION_DENIED, `This call needs the scopes: ${missing.join(", ")}`);
  }
  context.values.set(identityKey, known.identity);
}

// Not the caller's fault, and the handler hasn't run: the call may be sent again.
function lateVerifier(timeoutMs: number): RefusedCall {
  return new RefusedCall(Status.UNAVAILABLE, "It couldn't be found out in time who calls", {
    level: "error",
    cause: new Error(`The verifier didn't answer within ${timeoutMs} ms (authTimeoutMs)`),
  });
}
