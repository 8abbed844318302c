import type { CallContext, ContextKey } from "../call/call-context.js";
import { UnusableAnswer } from "../call/call-failure.js";
import { messageOf } from "../wire/thrown-message.js";

/** Who calls, as the server's verifier knows it. */
export interface Identity {
  /** A stable name of the caller: a user id, a service account. Never empty. */
  readonly subject: string;
  /** What the caller may do. A method's `auth.scopes` must all be among them. */
  readonly scopes?: readonly string[];
  /** What else the verifier knows: a token's claims, say. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Where {@link CallContext.values} has the caller's identity: `undefined` for anonymous calls. */
export const identityKey: ContextKey<Identity | undefined> = {
  // The same key in the ESM and the CommonJS copy of this package.
  id: Symbol.for("accord.identity.v1"),
  defaultValue: undefined,
};

/** A caller that a verifier has named, with its scopes as they were when it did. */
export interface KnownCaller {
  readonly identity: Identity;
  readonly scopes: readonly string[];
}

/**
 * Takes what a verifier answered: `undefined` and `null` mean that nobody is known. The one way by which an identity enters a
 * call.
 *
 * @throws {UnusableAnswer} for anything else that isn't an object with a non-empty `subject`, or whose `scopes` aren't a list of
 *   strings. A string of scopes is none: `"admin-no".includes("admin")`
 */
export function knownCaller(answer: unknown): KnownCaller | undefined {
  if (answer === undefined || answer === null) {
    return undefined;
  }
  let subject: unknown;
  let scopes: unknown[] | undefined;
  try {
    if (typeof answer !== "object" || Array.isArray(answer)) {
      throw new UnusableAnswer(`The verifier answered with ${kindOf(answer)}: ${EXPECTED}`);
    }
    const identity = answer as Readonly<Record<keyof Identity, unknown>>;
    subject = identity.subject;
    // Each property is read once, and the list copied: a second look may show something else.
    scopes = listOf(identity.scopes);
  } catch (error) {
    throw error instanceof UnusableAnswer
      ? error
      : new UnusableAnswer(`The verifier's answer can't be read: ${EXPECTED}`, { cause: new Error(messageOf(error)) });
  }
  if (typeof subject !== "string" || subject === "") {
    throw new UnusableAnswer(`The verifier's answer has no subject, or an empty one: ${EXPECTED}`);
  }
  if (scopes === undefined || !scopes.every((scope): scope is string => typeof scope === "string")) {
    throw new UnusableAnswer(`The scopes in the verifier's answer aren't a list of strings: ${EXPECTED}`);
  }
  return { identity: answer as Identity, scopes };
}

/**
 * The caller of a call whose contract requires auth.
 *
 * @throws {Error} if the call is anonymous, which the contract of its method then allows
 */
export function caller(context: CallContext): Identity {
  const known = knownCaller(context.values.get(identityKey));
  if (known === undefined) {
    throw new Error(`${context.path} was called anonymously: its contract doesn't require auth`);
  }
  return known.identity;
}

const EXPECTED = "it must be an object with a non-empty string `subject`, or undefined for callers that aren't known";

function kindOf(answer: unknown): string {
  return Array.isArray(answer) ? "an array" : `a ${typeof answer}`;
}

function listOf(scopes: unknown): unknown[] | undefined {
  if (scopes === undefined || scopes === null) {
    return [];
  }
  // Not `map` or a spread: they are the object's own, or leave holes.
  return Array.isArray(scopes) ? Array.from({ length: scopes.length }, (_, index) => scopes[index]) : undefined;
}
