import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Channel, credentials } from "@grpc/grpc-js";
import fc from "fast-check";
import { describe, expect, it, type TestContext } from "vitest";
import { type ContractModel, readContract } from "../../plugin/src/contract.js";
import { serviceConfigOf } from "../../plugin/src/emit/service-config.js";
import { arbitraryContract } from "../rejected/arbitrary-contract.js";
import { compileFolder, compileWithBuf } from "../rejected/compile-cases.js";
import { pythonCommand, requirePython } from "./python.js";

// A contract that passes the rules gives a service config that every runtime takes: the standard's own schema, grpc-js, and
// C-core through Python.

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where Debian's package grpc-proto puts the standard's schema. */
const GRPC_PROTO = "/usr/share/grpc-proto";
const SERVICE_CONFIG_PROTO = "grpc/service_config/service_config.proto";

describe("a generated service config", () => {
  const configs = [...committed(), ...ofEverything(), ...ofAcceptedCases(), ...ofAnyContracts()];

  it("has each option that can be in one, in one case or another", () => {
    const all = configs.join("");
    const options = [
      ...["round_robin", "pick_first", "outlier_detection_experimental", "successRateEjection"],
      ...["failurePercentageEjection", "waitForReady", "timeout", "maxRequestMessageBytes", "maxResponseMessageBytes"],
      ...["retryPolicy", "hedgingPolicy", "retryThrottling", "healthCheckConfig"],
    ];
    expect(options.filter((option) => !all.includes(`"${option}"`))).toEqual([]);
  });

  it("opens a channel of grpc-js", () => {
    for (const config of configs) {
      expect(() => openInGrpcJs(config), config).not.toThrow();
    }
  });

  it("is what the standard's schema says, and taken by C-core", (context) => {
    requirePython(context);
    requireSchema(context);
    askPython(configs).forEach((verdict, index) => {
      expect(verdict, configs[index]).toEqual({ standard: null, cCore: "OK" });
    });
  });
});

describe("a wrong service config", () => {
  const unknownField = '{"methodConfig": [{"name": [{}], "retries": 5}]}';
  const retrying = (retryableStatusCodes: readonly (string | number)[], maxAttempts = 2) => ({
    methodConfig: [
      {
        name: [{}],
        retryPolicy: {
          maxAttempts,
          initialBackoff: "0.1s",
          maxBackoff: "1s",
          backoffMultiplier: 2,
          retryableStatusCodes,
        },
      },
    ],
  });
  const oneAttempt = JSON.stringify(retrying(["UNAVAILABLE"], 1));

  it("is refused by grpc-js", () => {
    expect(() => openInGrpcJs(oneAttempt)).toThrow("maxAttempts");
  });

  it("is refused by C-core although grpc-js takes it: half a token, codes in lower case or as numbers", (context) => {
    requirePython(context);
    requireSchema(context);
    const wrong = [
      { retryThrottling: { maxTokens: 2.5, tokenRatio: 0.1 } },
      retrying(["unavailable"]),
      retrying([14]),
    ].map((config) => JSON.stringify(config));
    for (const config of wrong) {
      expect(() => openInGrpcJs(config), config).not.toThrow();
    }
    expect(askPython(wrong).map(({ cCore }) => cCore.split(":")[0])).toEqual(wrong.map(() => "INVALID_ARGUMENT"));
  });

  it("is refused by the schema, or by C-core", (context) => {
    requirePython(context);
    requireSchema(context);
    const [unknown, attempts] = askPython([unknownField, oneAttempt]);
    expect(unknown?.standard).toContain('no field named "retries"');
    expect(attempts?.cCore).toMatch(/^INVALID_ARGUMENT/);
  });
});

/** The service configs that are part of the repository. */
function committed(): string[] {
  const paths = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "*service_config.json"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  return paths
    .split("\n")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .map((path) => readFileSync(join(root, path), "utf8"));
}

/** What becomes of a proto with all options. */
function ofEverything(): string[] {
  const { model, diagnostics } = readContract(
    compileFolder("test/interop/service-config"),
    new Set(["everything.proto"]),
  );
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return configsIn(model);
}

/** What becomes of the protos that show what each rule accepts: values at the very edge of what is allowed. */
function ofAcceptedCases(): string[] {
  return compileWithBuf("accepted").flatMap(({ files, toGenerate }) =>
    configsIn(readContract(files, toGenerate).model),
  );
}

/** What becomes of options that nobody would write, as far as they are valid. */
function ofAnyContracts(): string[] {
  const contracts = fc.sample(arbitraryContract(1), { numRuns: 300, seed: 1 });
  const toGenerate = new Set(["fuzz/v1/fuzz.proto"]);
  return contracts.flatMap((files) => configsIn(readContract(files, toGenerate).model));
}

function configsIn(model: ContractModel | undefined): string[] {
  return model?.packages.map((pkg) => JSON.stringify(serviceConfigOf(pkg))) ?? [];
}

function openInGrpcJs(config: string): void {
  new Channel("localhost:1", credentials.createInsecure(), { "grpc.service_config": config }).close();
}

interface Verdict {
  /** What is wrong by the standard's schema. */
  readonly standard: string | null;
  /** How a call ends on a channel with the config. */
  readonly cCore: string;
}

function askPython(configs: readonly string[]): Verdict[] {
  const folder = mkdtempSync(join(tmpdir(), "accord-service-config-"));
  try {
    const descriptors = join(folder, "schema.binpb");
    // The schema imports google/rpc/code.proto, which the package doesn't have.
    const paths = [`--proto_path=${GRPC_PROTO}`, `--proto_path=${join(root, "node_modules/google-proto-files")}`];
    execFileSync("protoc", [...paths, "--include_imports", `-o${descriptors}`, SERVICE_CONFIG_PROTO]);
    const script = fileURLToPath(new URL("service_config.py", import.meta.url));
    const answer = execFileSync(pythonCommand, [script, descriptors], {
      input: JSON.stringify(configs),
      encoding: "utf8",
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", GRPC_VERBOSITY: "NONE" },
      maxBuffer: 16 << 20,
    });
    return JSON.parse(answer);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Skips a test where the standard's schema, or a compiler for it, isn't installed. In CI, that is a failure. */
function requireSchema(context: TestContext): void {
  const hasSchema = existsSync(join(GRPC_PROTO, SERVICE_CONFIG_PROTO));
  if (!hasSchema || spawnSync("protoc", ["--version"]).status !== 0) {
    const missing = "gRPC's protos or protoc aren't installed; on Debian: apt-get install grpc-proto protobuf-compiler";
    if (process.env.CI !== undefined) {
      throw new Error(`${missing}. In CI they must be: .ci/run installs them.`);
    }
    context.skip(missing);
  }
}
