import { describe, expect, it } from "vitest";
import { CODEC_INTERFACE, RUNTIME_INTERFACE, requireCodecs, requireInterface, requireRuntime } from "./handshake.js";

const HAS = { oldest: 3, current: 5 };

function refusalOf(needed: number): Error {
  try {
    requireInterface("This code was", needed, HAS, refusalOf);
  } catch (error) {
    return error as Error;
  }
  throw new Error("It wasn't refused");
}

describe("generated code", () => {
  it.each([3, 4, 5])("that was made for a version that the runtime has is welcome (%d of 3 to 5)", (needed) => {
    expect(() => requireInterface("This code was", needed, HAS, refusalOf)).not.toThrow();
  });

  it.each([6, 99])("that needs a newer runtime says what to install (%d)", (needed) => {
    expect(refusalOf(needed).message).toMatch(
      new RegExp(`^This code .* version ${needed} .* has only 5: npm install @accord-grpc/runtime@latest$`),
    );
  });

  it.each([2, 0])("that is too old for the runtime says that it is to be made anew (%d)", (needed) => {
    expect(refusalOf(needed).message).toMatch(
      new RegExp(`^This code .* version ${needed} .* begins with 3: regenerate .*npx buf generate\\)$`),
    );
  });

  it("says it in one line, and names itself in the first of the stack", () => {
    const { message, stack } = refusalOf(6);
    expect(message).not.toMatch(/\n/);
    expect(stack?.split("\n")[1]).toMatch(/handshake\.test\.ts/);
  });

  it("of today is welcome", () => {
    expect(() => requireRuntime(RUNTIME_INTERFACE.current)).not.toThrow();
    expect(() => requireCodecs(CODEC_INTERFACE.current)).not.toThrow();
  });

  it("doesn't compile with another version", () => {
    // @ts-expect-error the runtime has no such version
    expect(() => requireRuntime(2)).toThrow(/^This code was .*npm install/);
    // @ts-expect-error nor its codecs
    expect(() => requireCodecs(0)).toThrow(/^These codecs were .*regenerate/);
  });
});
