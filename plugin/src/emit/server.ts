import { SERVER_DEFAULTS } from "@accord-grpc/runtime/contract";
import type { DeploymentModel, PackageModel } from "../model/model.js";
import { commentOf } from "../read/source-index.js";
import type { Emitter } from "./emitter.js";
import { servedPackages } from "./served-packages.js";
import { firstSentence } from "./typescript/doc-comment.js";
import { braces, brackets, huggingParentheses, parentheses } from "./typescript/layout-group.js";
import { durationText, numberLiteral, propertyAccess, propertyName } from "./typescript/text.js";
import type { TypeScriptFile } from "./typescript/typescript-file.js";

/** `server.ts`: one server for all services of a package. */
export const serverEmitter: Emitter = {
  emit(model, output) {
    for (const pkg of servedPackages(model)) {
      const file = output.typescript(pkg.paths.server, { package: pkg.name });
      printServicers(file, pkg);
      printCreate(file, pkg);
    }
  },
};

function printServicers(file: TypeScriptFile, pkg: PackageModel): void {
  // export interface LedgerV1Servicers {
  //   readonly ledger: LedgerServiceServicer;
  // }
  file.comment("", [`The servicers of \`${pkg.name}\`, one for each service.`]);
  file.print`${file.export("interface", `${pkg.names.versioned}Servicers`)} {`;
  for (const { service, names, servicerPath } of pkg.services) {
    const summary = firstSentence(commentOf(service));
    file.comment("  ", [{ fill: `\`${service.typeName}\`${summary === undefined ? "" : `: ${summary}`}` }]);
    file.print`  readonly ${propertyName(names.key)}: ${file.generatedType(names.servicer, servicerPath)};`;
  }
  file.print`}`;
}

function printCreate(file: TypeScriptFile, pkg: PackageModel): void {
  // export function createLedgerV1Server(servicers: LedgerV1Servicers, options: ServerOptions = {}): GrpcServer {
  //   return createServer([bindLedgerService(servicers.ledger, options)], {
  //     port: 50_051,
  //     drainMs: 35_000,
  //     …
  //     ...options,
  //   });
  // }
  const options = file.own("options");
  const servicers = file.own("servicers");
  const drain = durationText(pkg.deployment.drainMs);
  file.print``;
  file.comment("", [
    {
      fill:
        `Makes the server of \`${pkg.name}\`: all its services on one port, with health under each full name. On SIGTERM ` +
        `it stops accepting calls and lets those in flight finish, for ${drain} at most unless the options say otherwise.`,
    },
  ]);
  const parameters = parentheses([
    [servicers, `: ${pkg.names.versioned}Servicers`],
    [options, ": ", file.runtime("ServerOptions"), " = {}"],
  ]);
  file.print`${file.export("function", `create${pkg.names.versioned}Server`)}${parameters}: ${file.runtime("GrpcServer")} {`;
  const services = pkg.services.map(({ names, servicerPath }) => {
    const servicer = [servicers, propertyAccess(names.key)];
    return [file.generated(names.bind, servicerPath), parentheses([servicer, options])];
  });
  const printed = [
    ...printedOptions(pkg.deployment).map(([name, value]) => `${name}: ${numberLiteral(value)}`),
    ...(pkg.channel.loadBalancing === "weighted_round_robin" ? ["reportsLoad: true"] : []),
  ];
  const createServer = file.runtime("createServer");
  file.print`  return ${createServer}${huggingParentheses([brackets(services), braces([...printed, ["...", options]])])};`;
  file.print`}`;
}

/**
 * All numbers by which the server lives and ends: those of the contract, and the defaults for the others. What manifests and pages
 * say then holds with whatever runtime is installed.
 */
function printedOptions(deployment: DeploymentModel): (readonly [option: string, value: number])[] {
  const { maxConcurrentCalls } = deployment;
  return [
    ["port", deployment.port],
    ["drainMs", deployment.drainMs],
    ["maxConnectionAgeMs", deployment.connectionAgeMs],
    ["maxConnectionAgeGraceMs", deployment.connectionAgeGraceMs],
    ["maxConnectionIdleMs", SERVER_DEFAULTS.connectionIdleMs],
    ["keepaliveTimeMs", SERVER_DEFAULTS.keepaliveTimeMs],
    ["keepaliveTimeoutMs", SERVER_DEFAULTS.keepaliveTimeoutMs],
    ["minPingIntervalMs", SERVER_DEFAULTS.minPingIntervalMs],
    ["maxConcurrentStreams", SERVER_DEFAULTS.concurrentStreams],
    ["maxRequestBytes", SERVER_DEFAULTS.maxRequestBytes],
    ["maxResponseBytes", SERVER_DEFAULTS.maxResponseBytes],
    ...(maxConcurrentCalls === undefined ? [] : [["maxConcurrentCalls", maxConcurrentCalls] as const]),
  ];
}
