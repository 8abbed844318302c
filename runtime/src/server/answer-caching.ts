import type { DescMethod } from "@bufbuild/protobuf";
import type { AnswerCaching, AuthRequirement } from "../call/servicer-method.js";

const LONGEST_SECONDS = 365 * 24 * 3_600;

/**
 * Looks at what a method's answers may be kept for.
 *
 * @throws {TypeError} if it is no time that HTTP has, or what one caller may see would be given to another
 */
export function answerCaching(
  desc: DescMethod,
  cache: AnswerCaching | undefined,
  auth: AuthRequirement | undefined,
): AnswerCaching | undefined {
  if (cache === undefined) {
    return undefined;
  }
  const { maxAgeSeconds, shared = false } = cache;
  const name = `${desc.parent.typeName}.${desc.name}`;
  if (!Number.isInteger(maxAgeSeconds) || maxAgeSeconds < 1 || maxAgeSeconds > LONGEST_SECONDS) {
    throw new TypeError(
      `Can't make the server: the cache of ${name} must have maxAgeSeconds, a whole number from 1 to ${LONGEST_SECONDS}`,
    );
  }
  if (typeof shared !== "boolean" || (shared && auth !== undefined)) {
    throw new TypeError(
      `Can't make the server: the cache of ${name} has shared: ${String(shared)}, which must be true or false, and not true where callers are asked who they are (auth)`,
    );
  }
  return { maxAgeSeconds, shared };
}
