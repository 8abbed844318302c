import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { GOLDEN, goldenCases, readGenerated, readRequest, UPDATING } from "./golden-case.js";
import { LEDGER_V1_SERVICE_CONFIG } from "./ledger/gen/ledger/v1/channel.js";

// What grpc-js does with a service config; it isn't exported.
const { validateServiceConfig } = createRequire(import.meta.url)("@grpc/grpc-js/build/src/service-config.js");

interface MethodConfig {
  name: { service: string; method?: string }[];
  timeout?: string;
  retryPolicy?: { retryableStatusCodes: string[]; initialBackoff: string; maxBackoff: string };
  hedgingPolicy?: { nonFatalStatusCodes: string[]; hedgingDelay: string };
}

const configs = goldenCases().flatMap((name) =>
  [...readGenerated(name)]
    .filter(([path]) => path.endsWith("service_config.json"))
    .map(([path, content]) => ({ name, path, config: JSON.parse(content) as { methodConfig: MethodConfig[] } })),
);

describe.skipIf(UPDATING).each(configs)("$name: $path", ({ name, config }) => {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: readRequest(name).protoFile }));
  const methods = config.methodConfig.flatMap((entry) => entry.name.map((method) => ({ ...method, entry })));

  it("is accepted by grpc-js", () => {
    expect(() => validateServiceConfig(config)).not.toThrow();
  });

  it("names each method that it speaks of, once", () => {
    for (const { service, method } of methods) {
      expect(registry.getService(service)?.methods.map((desc) => desc.name)).toContain(method);
    }
    expect(new Set(methods.map(({ service, method }) => `${service}/${method}`)).size).toBe(methods.length);
  });

  it("sends only unary calls again: grpc-js would retry streams too", () => {
    for (const { service, method, entry } of methods) {
      const kind = registry.getService(service)?.methods.find((desc) => desc.name === method)?.methodKind;
      if (kind !== "unary") {
        expect(entry).not.toHaveProperty("retryPolicy");
        expect(entry).not.toHaveProperty("hedgingPolicy");
      }
    }
  });

  it("has durations with nine decimals: grpc-js takes 0.5s for nanoseconds", () => {
    const durations = JSON.stringify(config).match(/"[0-9.]+s"/g) ?? [];
    for (const duration of durations) {
      expect(duration).toMatch(/^"\d+\.\d{9}s"$/);
    }
  });

  it("has the names of statuses in upper case, as Go and Java want them", () => {
    for (const { entry } of methods) {
      const codes = [
        ...(entry.retryPolicy?.retryableStatusCodes ?? []),
        ...(entry.hedgingPolicy?.nonFatalStatusCodes ?? []),
      ];
      expect(codes.filter((code) => !/^[A-Z_]+$/.test(code))).toEqual([]);
    }
  });
});

describe.skipIf(UPDATING)("the ledger's service config", () => {
  const text = readFileSync(join(GOLDEN, "ledger/gen/ledger/v1/service_config.json"), "utf8");
  const entries: MethodConfig[] = JSON.parse(text).methodConfig;
  const entryOf = (method: string) => entries.find((entry) => entry.name.some((name) => name.method === method));

  it("is the same in channel.ts", () => {
    expect(LEDGER_V1_SERVICE_CONFIG).toEqual(JSON.parse(text));
  });

  it("has the method's policy in place of the service's, not merged with it", () => {
    expect(entryOf("Transfer")?.retryPolicy).toEqual({
      maxAttempts: 5,
      initialBackoff: "0.100000000s",
      maxBackoff: "2.000000000s",
      backoffMultiplier: 2,
      retryableStatusCodes: ["UNAVAILABLE"],
    });
    expect(entryOf("GetBalance")?.retryPolicy).toMatchObject({ maxAttempts: 3, initialBackoff: "0.050000000s" });
    expect(entryOf("Ping")).toMatchObject({ hedgingPolicy: { maxAttempts: 3, hedgingDelay: "0.100000000s" } });
    expect(entryOf("Ping")).not.toHaveProperty("retryPolicy");
  });

  it("gives streams their timeout", () => {
    expect(entryOf("ListEntries")?.timeout).toBe("90.000000000s");
    expect(entryOf("Watch")?.timeout).toBe("5.000000000s");
  });
});
