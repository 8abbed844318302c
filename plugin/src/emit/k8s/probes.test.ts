import { expect, it } from "vitest";
import type { ServiceModel } from "../../model/model.js";
import { probesOf } from "./probes.js";

function services(...roles: readonly boolean[]): readonly ServiceModel[] {
  return roles.map(
    (healthRequired, index) => ({ service: { typeName: `a.v1.S${index}` }, healthRequired }) as unknown as ServiceModel,
  );
}

it.each([
  ["the only service", [true], "a.v1.S0"],
  ["the only required one", [false, true, false], "a.v1.S1"],
  ["the server as a whole, where several are required", [true, true], undefined],
  ["the server as a whole, where none is", [false], undefined],
] as const)("readiness asks for %s", (_, roles, expected) => {
  const { startup, readiness } = probesOf(services(...roles));
  expect(readiness.grpc).toEqual({ service: expected });
  expect(startup.grpc).toEqual({ service: expected });
});

it("liveness doesn't ask for health", () => {
  expect(probesOf(services(true)).liveness).toMatchObject({ grpc: undefined, tcp: { port: "grpc" } });
});
