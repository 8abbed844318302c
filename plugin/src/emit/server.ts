import type { DeploymentModel, PackageModel } from "../model/model.js";
import { commentOf } from "../read/source-index.js";
import { firstSentence } from "./doc-comment.js";
import type { Emitter } from "./emitter.js";
import { braces, brackets, huggingParentheses, parentheses } from "./layout-group.js";
import { servedPackages } from "./served-packages.js";
import { durationText, numberLiteral, propertyAccess, propertyName } from "./text.js";
import type { Printable, TypeScriptFile } from "./typescript-file.js";

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
  //   return createServer([bindLedgerService(servicers.ledger, options)], { drainMs: 35_000, ...options });
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
  const declared = declaredOptions(pkg.deployment);
  const createServer = file.runtime("createServer");
  file.print`  return ${createServer}${
    declared.length === 0
      ? parentheses([brackets(services), options])
      : huggingParentheses([brackets(services), braces([...declared, ["...", options]])])
  };`;
  file.print`}`;
}

/** What the contract itself says of the server; the rest is the runtime's default. */
function declaredOptions(deployment: DeploymentModel): Printable[] {
  const { declared, drainMs, connectionAgeMs, connectionAgeGraceMs, maxConcurrentCalls } = deployment;
  return [
    ...(declared.has("drainMs") ? [["drainMs: ", numberLiteral(drainMs)]] : []),
    ...(declared.has("connectionAgeMs") ? [["maxConnectionAgeMs: ", numberLiteral(connectionAgeMs)]] : []),
    ...(declared.has("connectionAgeGraceMs")
      ? [["maxConnectionAgeGraceMs: ", numberLiteral(connectionAgeGraceMs)]]
      : []),
    ...(maxConcurrentCalls === undefined ? [] : [["maxConcurrentCalls: ", numberLiteral(maxConcurrentCalls)]]),
  ];
}
