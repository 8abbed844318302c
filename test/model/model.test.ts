import type { DescFile } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { readContract } from "../../plugin/src/contract.js";
import type { ContractModel, LogFieldModel, MethodModel, PackageModel } from "../../plugin/src/model/model.js";
import { compileFolder } from "../rejected/compile-cases.js";

const files = compileFolder("test/model/protos");

function modelOf(toGenerate: (path: string) => boolean, from: readonly DescFile[] = files): ContractModel {
  const paths = from.map((file) => file.proto.name).filter((name) => !/^(google|accord)\//.test(name));
  const { model, diagnostics } = readContract(from, new Set(paths.filter(toGenerate)));
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  if (model === undefined) {
    throw new Error("there is no model");
  }
  return model;
}

function packageOf(model: ContractModel, name: string): PackageModel {
  const found = model.packages.find((pkg) => pkg.name === name);
  if (found === undefined) {
    throw new Error(`there is no package ${name}`);
  }
  return found;
}

function methodOf(pkg: PackageModel, service: string, name: string): MethodModel {
  const methods = pkg.services.find((candidate) => candidate.service.name === service)?.methods;
  const found = methods?.find(({ method }) => method.name === name);
  if (found === undefined) {
    throw new Error(`there is no method ${service}.${name}`);
  }
  return found;
}

const ALL = modelOf(() => true);
const ledger = packageOf(ALL, "ledger.v1");
const transfer = methodOf(ledger, "LedgerService", "Transfer");

describe("a package", () => {
  it("has names, paths and settings", () => {
    expect(ledger.names).toEqual({
      errorPrefix: "Ledger",
      baseError: "LedgerError",
      errorMap: "LEDGER_ERROR_MAP",
      versioned: "LedgerV1",
      serviceConfig: "LEDGER_V1_SERVICE_CONFIG",
    });
    expect(ledger.paths).toEqual({
      directory: "ledger/v1",
      errors: "ledger/v1/errors",
      channel: "ledger/v1/channel",
      server: "ledger/v1/server",
      codecs: "ledger/v1/codecs",
      serviceConfig: "ledger/v1/service_config.json",
      manifests: "ledger/v1/k8s",
      docs: "ledger/v1/docs",
      validators: "ledger/v1/validators",
    });
    expect(ledger).toMatchObject({ errorDomain: "ledger.example.com", logPrefix: "ledger" });
    expect(ledger.errorDetail?.typeName).toBe("ledger.v1.LedgerErrorDetail");
    expect(ledger.files.map(({ servicerPath, clientPath }) => [servicerPath, clientPath])).toEqual([
      ["ledger/v1/audit_servicer", "ledger/v1/audit_client"],
      ["ledger/v1/ledger_servicer", "ledger/v1/ledger_client"],
    ]);
  });

  it("has a channel and a deployment, of which it knows what the contract says", () => {
    expect(ledger.channel).toEqual({
      loadBalancing: "round_robin",
      outlierDetection: undefined,
      throttle: { maxTokens: 100, tokenRatio: 0.1 },
      healthCheckService: "ledger.v1.Ledger",
    });
    expect(ledger.deployment).toEqual({
      name: "ledger-v1",
      namespace: "default",
      image: "ledger-v1:unreleased",
      port: 50_051,
      minReplicas: 3,
      maxReplicas: 3,
      preStopMs: 30_000,
      drainMs: 40_000,
      connectionAgeMs: 300_000,
      connectionAgeGraceMs: 30_000,
      terminationGraceSeconds: 76,
      cpu: "250m",
      memory: "256Mi",
      tls: false,
      declared: new Set(["drainMs", "terminationGraceSeconds"]),
    });
    expect(packageOf(ALL, "common.v1").deployment.terminationGraceSeconds).toBe(30 + 35 + 5);
  });

  it("without services is its errors alone", () => {
    const common = packageOf(ALL, "common.v1");
    expect(common).toMatchObject({ files: [], services: [], errorDomain: "common.v1" });
    expect(common.errors.map(({ code, path, retryAfterMs }) => [code, path, retryAfterMs])).toEqual([
      ["RATE_LIMITED", "common/v1/errors", 2_000],
    ]);
  });

  it("that is only imported isn't generated, but its errors are known", () => {
    const model = modelOf((path) => path.startsWith("ledger/v1/"));
    expect(model.packages.map(({ name }) => name)).toEqual(["ledger.v1"]);
    expect(model.packages[0]?.importedErrorMaps).toEqual([
      { package: "common.v1", errorMap: "COMMON_ERROR_MAP", path: "common/v1/errors" },
    ]);
  });

  it("without a package statement has a name of its own, and its files at the root", () => {
    const unnamed = packageOf(ALL, "");
    expect(unnamed.names).toMatchObject({ errorPrefix: "Api", versioned: "Api" });
    expect(unnamed).toMatchObject({ errorDomain: "api", logPrefix: "api" });
    expect(unnamed.deployment.name).toBe("api");
    expect(unnamed.paths).toMatchObject({ directory: "", errors: "errors", serviceConfig: "service_config.json" });
  });

  it("has its files where its name says, wherever its protos lie", () => {
    expect(packageOf(ALL, "shared").paths).toMatchObject({ errors: "shared/errors", server: "shared/server" });
    expect(packageOf(ALL, "shared.a_b.v1").paths).toEqual({
      directory: "shared/a_b/v1",
      errors: "shared/a_b/v1/errors",
      channel: "shared/a_b/v1/channel",
      server: "shared/a_b/v1/server",
      codecs: "shared/a_b/v1/codecs",
      serviceConfig: "shared/a_b/v1/service_config.json",
      manifests: "shared/a_b/v1/k8s",
      docs: "shared/a_b/v1/docs",
      validators: "shared/a_b/v1/validators",
    });
  });

  it("doesn't call its base error as JavaScript calls one of its own", () => {
    expect(packageOf(ALL, "type.v1").names).toMatchObject({ errorPrefix: "ApiType", baseError: "ApiTypeError" });
  });
});

describe("an error", () => {
  const byCode = new Map(ledger.errors.map((error) => [error.code, error]));

  it("has everything derived", () => {
    expect(ledger.errors.map(({ code }) => code)).toEqual(["INSUFFICIENT_FUNDS", "STALE", "VERY_STALE", "CONFLICT"]);
    expect(byCode.get("INSUFFICIENT_FUNDS")).toMatchObject({
      package: "ledger.v1",
      path: "ledger/v1/errors",
      exception: "InsufficientFundsError",
      metadataType: "InsufficientFundsMetadata",
      status: "FAILED_PRECONDITION",
      category: "FailedPrecondition",
      message: [{ text: "Balance " }, { key: "balance" }, { text: " is below " }, { key: "amount" }],
      messageTemplate: "Balance {balance} is below {amount}",
      metadata: ["balance", "amount"],
      retryAfterMs: undefined,
      neverResend: false,
      docUrl: "https://docs.example.com/funds",
      parent: undefined,
      descendants: [],
    });
  });

  it("has defaults", () => {
    expect(byCode.get("VERY_STALE")).toMatchObject({ messageTemplate: "Very stale", exception: "MuchTooOldError" });
    expect(byCode.get("CONFLICT")).toMatchObject({ category: "Conflict", neverResend: true, docUrl: undefined });
  });

  it("knows its family", () => {
    expect(byCode.get("VERY_STALE")?.parent).toBe(byCode.get("STALE"));
    expect(byCode.get("STALE")?.parent).toBe(byCode.get("CONFLICT"));
    expect(byCode.get("CONFLICT")?.descendants).toEqual(["STALE", "VERY_STALE"]);
    expect(byCode.get("VERY_STALE")?.descendants).toEqual([]);
  });
});

describe("a service", () => {
  it("has names that meet no others", () => {
    expect(ledger.services.map(({ names }) => [names.servicer, names.bind, names.client, names.key])).toEqual([
      ["LedgerServicer", "bindLedger", "LedgerClient", "ledger"],
      ["IAMAuditServiceServicer", "bindIAMAuditService", "IAMAuditServiceClient", "iamAudit"],
      ["ConstructorServicer", "bindConstructor", "ConstructorClient", "constructor$"],
      ["ServiceServicer", "bindService", "ServiceClient", "service"],
      ["LedgerServiceServicer", "bindLedgerService", "LedgerServiceClient", "ledgerService"],
    ]);
    const audit = ledger.services.slice(0, 2).flatMap(({ methods }) => methods.map(({ names }) => names));
    expect(audit).toEqual([
      {
        local: "get",
        member: "get",
        logContext: "ledgerGetLogContext",
        responseLogContext: "ledgerGetResponseLogContext",
        errorUnion: "LedgerGetError",
      },
      {
        local: "getResponse",
        member: "getResponse",
        logContext: "getResponseLogContext",
        responseLogContext: "getResponseResponseLogContext",
        errorUnion: "LedgerGetResponseError",
      },
      {
        local: "get",
        member: "get",
        logContext: "iamAuditServiceGetLogContext",
        responseLogContext: "iamAuditServiceGetResponseLogContext",
        errorUnion: "IAMAuditServiceGetError",
      },
      {
        local: "list_entries",
        member: "list_entries",
        logContext: "listEntriesLogContext",
        responseLogContext: "listEntriesResponseLogContext",
        errorUnion: "IAMAuditServiceListEntriesError",
      },
    ]);
  });

  it("knows its part in health", () => {
    expect(ledger.services.map(({ healthRequired }) => healthRequired)).toEqual([false, true, true, true, true]);
  });
});

describe("a method", () => {
  const logged = (fields: readonly LogFieldModel[]): unknown[] =>
    fields.map(({ key, path, mask }) => [key, path.map(({ name }) => name).join("."), mask]);

  it("takes what it doesn't say from its service, field by field; its choice of resend replaces the service's", () => {
    expect(transfer.call).toEqual({
      timeoutMs: 4_000,
      maxTimeoutMs: 30_000,
      resend: {
        kind: "retry",
        maxAttempts: 2,
        initialBackoffMs: 50,
        maxBackoffMs: 2_000,
        backoffMultiplier: 2,
        codes: ["UNAVAILABLE"],
        worstCaseBackoffMs: 60,
      },
      waitForReady: true,
      maxRequestBytes: undefined,
      maxResponseBytes: 1_000,
      compress: false,
    });
    expect(methodOf(ledger, "LedgerService", "Get").call).toEqual({
      timeoutMs: 5_000,
      maxTimeoutMs: undefined,
      resend: {
        kind: "retry",
        maxAttempts: 5,
        initialBackoffMs: 100,
        maxBackoffMs: 2_000,
        backoffMultiplier: 2,
        codes: ["UNAVAILABLE"],
        worstCaseBackoffMs: 1_800,
      },
      waitForReady: undefined,
      maxRequestBytes: undefined,
      maxResponseBytes: 1_000,
      compress: false,
    });
  });

  it("isn't sent again when it streams, whatever its service says", () => {
    expect(methodOf(ledger, "LedgerService", "Watch").call.resend).toEqual({ kind: "none" });
    expect(methodOf(ledger, "LedgerService", "Import").call.resend).toEqual({ kind: "none" });
  });

  it("raises what it and its service name, sorted by package and number", () => {
    expect(transfer.raises.map(({ code }) => code)).toEqual(["RATE_LIMITED", "INSUFFICIENT_FUNDS", "CONFLICT"]);
    expect(transfer.raises[1]).toBe(ledger.errors[0]);
    expect(methodOf(ledger, "LedgerService", "Get").raises.map(({ code }) => code)).toEqual(["RATE_LIMITED"]);
  });

  it("logs marks, its service's fields and its own; the last word on a path holds", () => {
    expect(logged(transfer.requestLog)).toEqual([
      ["transfer.reference", "transfer.reference", "none"],
      ["request_id", "request_id", "none"],
      ["account", "account", "last4"],
      ["amount", "transfer.amount", "none"],
    ]);
    expect(logged(transfer.responseLog)).toEqual([["id", "id", "none"]]);
    expect(logged(methodOf(ledger, "LedgerService", "Get").requestLog)).toEqual([
      ["transfer.reference", "transfer.reference", "none"],
      ["note", "note", "none"],
      ["account", "account", "none"],
      ["request_id", "request_id", "none"],
    ]);
  });

  it("asks for who may call it", () => {
    expect(transfer.auth).toEqual({ requirement: "required", scopes: ["ledger.read", "ledger.write"] });
    expect(methodOf(ledger, "LedgerService", "Watch").auth).toEqual({
      requirement: "required",
      scopes: ["ledger.read"],
    });
    expect(methodOf(ledger, "LedgerService", "Get").auth).toEqual({ requirement: "none", scopes: [] });
    expect(methodOf(ledger, "Ledger", "Get").auth).toEqual({ requirement: "none", scopes: [] });
  });

  it("has an idempotency key only where there is a single request", () => {
    expect(transfer.idempotencyKey?.localName).toBe("requestId");
    expect(methodOf(ledger, "LedgerService", "Watch").idempotencyKey?.localName).toBe("requestId");
    expect(methodOf(ledger, "LedgerService", "Import").idempotencyKey).toBeUndefined();
  });
});

it("makes the same model of the same files in any order", () => {
  const reversed = modelOf(() => true, [...files].reverse());
  expect(JSON.stringify(outline(reversed))).toBe(JSON.stringify(outline(ALL)));
});

/** A model without descriptors, which are circular. */
function outline(model: ContractModel): unknown {
  return model.packages.map((pkg) => ({
    ...pkg,
    errorDetail: pkg.errorDetail?.typeName,
    catalog: pkg.catalog?.typeName,
    errors: pkg.errors.map(({ code }) => code),
    files: pkg.files.map(({ file }) => file.name),
    services: pkg.services.map(({ service, names, methods }) => ({
      service: service.typeName,
      names,
      methods: methods.map(({ names, raises, call }) => ({ names, raises: raises.map(({ code }) => code), call })),
    })),
  }));
}
