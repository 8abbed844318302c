import type { Metadata } from "@grpc/grpc-js";
import type { CallContext, ContextKey } from "../call/call-context.js";
import { RefusedCall } from "../call/call-failure.js";
import type { AuthRequirement } from "../call/servicer-method.js";
import { Status } from "../wire/status.js";

/** Who calls, as the server's verifier knows it. */
export interface Identity {
  /** A stable name of the caller: a user id, a service account. */
  readonly subject: string;
  /** What the caller may do. A method's `auth.scopes` must all be among them. */
  readonly scopes?: readonly string[];
  /** What else the verifier knows: a token's claims, say. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * Finds out who calls. It is asked before the handler runs, for the methods whose contract has an `auth` requirement.
 *
 * `undefined` means that the call carries no valid credentials. What it throws is handled as if the handler had thrown
 * it: a declared error is sent, anything else becomes INTERNAL.
 */
export type AuthVerifier = (
  metadata: Metadata,
  context: CallContext,
) => Promise<Identity | undefined> | Identity | undefined;

/** Where {@link CallContext.values} has the caller's identity: `undefined` for anonymous calls. */
export const identityKey: ContextKey<Identity | undefined> = {
  // The same key in the ESM and the CommonJS copy of this package.
  id: Symbol.for("accord.identity.v1"),
  defaultValue: undefined,
};

/**
 * Lets a call pass if its method's requirement is met, and puts the identity into its values.
 *
 * @throws {RefusedCall} UNAUTHENTICATED without valid credentials where they are required; PERMISSION_DENIED without the scopes
 */
export async function checkAuth(
  requirement: AuthRequirement,
  verifier: AuthVerifier,
  context: CallContext,
): Promise<void> {
  const identity = await verifier(context.requestMetadata, context);
  if (identity === undefined) {
    if (requirement.requirement === "required") {
      throw new RefusedCall(Status.UNAUTHENTICATED, "This call needs valid credentials");
    }
    return;
  }
  const missing = requirement.scopes?.filter((scope) => !identity.scopes?.includes(scope)) ?? [];
  if (missing.length > 0) {
    throw new RefusedCall(Status.PERMISSION_DENIED, `This call needs the scopes: ${missing.join(", ")}`);
  }
  context.values.set(identityKey, identity);
}
