import { AuthSchema } from "@accord-grpc/runtime/accord/v1/options_pb";
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { type Auth, AuthRequirement } from "../read/options.js";
import { effectiveAuth } from "./auth.js";

const SCOPES = [[], ["a"], ["b"], ["a", "b"], ["b", "c"]] as const;

/** What a service or a method may say, nothing among it. */
const SAID: readonly (Auth | undefined)[] = [
  undefined,
  ...[AuthRequirement.UNSPECIFIED, AuthRequirement.NONE, AuthRequirement.OPTIONAL, AuthRequirement.REQUIRED].flatMap(
    (requirement) => SCOPES.map((scopes) => create(AuthSchema, { requirement, scopes: [...scopes] })),
  ),
];

it("asks a caller who must be known for all scopes of the service and of the method, whatever else they say", () => {
  for (const service of SAID) {
    for (const method of SAID) {
      const { requirement, scopes } = effectiveAuth(method, service);
      const asked = [...(service?.scopes ?? []), ...(method?.scopes ?? [])];
      if (requirement === "required") {
        expect(new Set(scopes)).toEqual(new Set(asked));
      } else {
        expect(new Set(scopes)).toEqual(new Set(method?.scopes ?? []));
      }
      expect(new Set(scopes).size).toBe(scopes.length);
    }
  }
});

it("never asks for less when a method names one more", () => {
  for (const service of SAID) {
    for (const method of SAID.filter((said) => said !== undefined)) {
      const before = effectiveAuth(method, service);
      const after = effectiveAuth(create(AuthSchema, { ...method, scopes: [...method.scopes, "z"] }), service);
      expect(after.requirement).toBe(before.requirement);
      expect(after.scopes).toEqual([...before.scopes, "z"]);
    }
  }
});

it("takes the method's requirement, else its service's, else none", () => {
  const { UNSPECIFIED, NONE, OPTIONAL, REQUIRED } = AuthRequirement;
  for (const [service, method, expected] of [
    [REQUIRED, UNSPECIFIED, "required"],
    [REQUIRED, NONE, "none"],
    [REQUIRED, OPTIONAL, "optional"],
    [NONE, REQUIRED, "required"],
    [UNSPECIFIED, UNSPECIFIED, "none"],
  ] as const) {
    const [of, own] = [service, method].map((requirement) => create(AuthSchema, { requirement }));
    expect(effectiveAuth(own, of).requirement).toBe(expected);
    expect(effectiveAuth(undefined, of).requirement).toBe(effectiveAuth(create(AuthSchema, {}), of).requirement);
  }
});
