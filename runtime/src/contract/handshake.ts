import { RUNTIME_VERSION } from "./version.js";

/** Which versions of an interface the runtime has. */
export interface InterfaceVersions {
  readonly oldest: number;
  readonly current: number;
}

/**
 * What generated code calls of the runtime (`codegen/v1`). `current` grows with each name, parameter or property that generated
 * code begins to rely on; `oldest` when the runtime takes one away.
 */
export const RUNTIME_INTERFACE = { oldest: 1, current: 1 } as const satisfies InterfaceVersions;

/** What generated codecs call of it (`codec/v1`), as {@link RUNTIME_INTERFACE}. */
export const CODEC_INTERFACE = { oldest: 1, current: 1 } as const satisfies InterfaceVersions;

/** What {@link RUNTIME_INTERFACE} has: generated code that names another version doesn't compile. */
export type RuntimeInterface = 1;

/** What {@link CODEC_INTERFACE} has. */
export type CodecInterface = 1;

/**
 * Says when code is loaded that the installed runtime doesn't fit. Generated code calls it with the version of the interface that it
 * was generated for; its type says the same to a compiler.
 *
 * @throws {Error} saying in one line what to install or to generate anew
 */
export function requireRuntime(needed: RuntimeInterface): void {
  requireInterface("This code was", needed, RUNTIME_INTERFACE, requireRuntime);
}

/** As {@link requireRuntime}, for codecs. */
export function requireCodecs(needed: CodecInterface): void {
  requireInterface("These codecs were", needed, CODEC_INTERFACE, requireCodecs);
}

/**
 * @param what what was generated, as the sentence begins: `This code was`
 * @param from the stack begins with its caller: the generated file
 * @throws {Error} if the runtime hasn't the version that is needed
 */
export function requireInterface(
  what: string,
  needed: number,
  { oldest, current }: InterfaceVersions,
  from: (needed: never) => void,
): void {
  if (needed >= oldest && needed <= current) {
    return;
  }
  const error = new Error(
    needed > current
      ? `${what} generated for version ${needed} of the runtime's interface, and the installed @accord-grpc/runtime ` +
          `${RUNTIME_VERSION} has only ${current}: npm install @accord-grpc/runtime@latest`
      : `${what} generated for version ${needed} of the runtime's interface, and the installed @accord-grpc/runtime ` +
          `${RUNTIME_VERSION} begins with ${oldest}: regenerate with the plugin of that version (npx buf generate)`,
  );
  Error.captureStackTrace?.(error, from);
  throw error;
}
