import { expect, it } from "vitest";
import type { ServiceModel } from "../../model/model.js";
import { probesOf } from "./probes.js";

function services(...roles: readonly boolean[]): readonly ServiceModel[] {
  return roles.map(
    (healthRequired, index) => ({ service: { typeName: `a.v1.S${index}` }, healthRequired }) as unknown as ServiceModel,
  );
}

const PLAIN = { port: 50051, tls: false };

it.each([
  ["the only service", [true], "a.v1.S0"],
  ["the only required one", [false, true, false], "a.v1.S1"],
  ["the server as a whole, where several are required", [true, true], undefined],
  ["the server as a whole, where none is", [false], undefined],
] as const)("readiness asks for %s", (_, roles, expected) => {
  const { startup, readiness } = probesOf(services(...roles), PLAIN);
  expect(readiness.grpc).toEqual({ service: expected });
  expect(startup.grpc).toEqual({ service: expected });
});

it("liveness doesn't ask for health", () => {
  expect(probesOf(services(true), PLAIN).liveness).toMatchObject({ grpc: undefined, tcp: { port: "grpc" } });
});

it("asks by a command of our own where the server speaks TLS, which the kubelet can't", () => {
  const { startup, readiness, liveness } = probesOf(services(true), { port: 8443, tls: true });
  const script = "node_modules/@accord-grpc/runtime/bin/accord-probe.cjs";
  const identity = ["--certificate=/etc/tls/tls.crt", "--key=/etc/tls/tls.key"];
  const exec = { command: ["node", script, "--tls", ...identity, "--service=a.v1.S0", "127.0.0.1:8443"] };
  expect(startup).toMatchObject({ grpc: undefined, tcp: undefined, exec });
  expect(readiness).toMatchObject({ grpc: undefined, tcp: undefined, exec });
  expect(liveness).toMatchObject({ grpc: undefined, tcp: { port: "grpc" }, exec: undefined });
});
