import { CHANNEL_DEFAULTS } from "@accord-grpc/runtime/contract";
import type { PackageModel } from "../model/model.js";
import type { Emitter } from "./emitter.js";
import { printRuntimeNeeded } from "./handshake.js";
import { serviceConfigOf } from "./service-config.js";
import { dataLiteral } from "./typescript/data-literal.js";
import { braces, huggingParentheses, parentheses } from "./typescript/layout-group.js";
import { numberLiteral, propertyKey } from "./typescript/text.js";
import type { Printable, TypeScriptFile } from "./typescript/typescript-file.js";

/** `channel.ts`: opens channels with the package's service config. */
export const channelEmitter: Emitter = {
  emit(model, output) {
    for (const pkg of model.packages) {
      if (pkg.services.length > 0) {
        const file = output.typescript(pkg.paths.channel, { package: pkg.name });
        printRuntimeNeeded(file);
        printServiceConfig(file, pkg);
        printBuild(file, pkg);
      }
    }
  },
};

function printServiceConfig(file: TypeScriptFile, pkg: PackageModel): void {
  // export const LEDGER_V1_SERVICE_CONFIG: ServiceConfig = {
  //   loadBalancingConfig: [{ round_robin: {} }],
  //   methodConfig: [ … ],
  // };
  file.comment("", [`The gRPC service config of \`${pkg.name}\`: the same as service_config.json.`]);
  file.print`${file.export("const", pkg.names.serviceConfig)}: ${file.runtime("ServiceConfig")} = {`;
  for (const [key, value] of Object.entries(serviceConfigOf(pkg))) {
    const name = `  ${propertyKey(key)}: `;
    file.print`${name}${dataLiteral(value, 2, name.length)},`;
  }
  file.print`};`;
  file.print``;
}

function printBuild(file: TypeScriptFile, pkg: PackageModel): void {
  // export function buildLedgerV1Channel(target: string, init: ChannelInit): Channel {
  //   return buildChannel(target, LEDGER_V1_SERVICE_CONFIG, {
  //     keepalive: { timeMs: 8_000, timeoutMs: 10_000 },
  //     …
  //     ...init,
  //   });
  // }
  const example = `dns:///${pkg.deployment.name}-headless.${pkg.deployment.namespace}.svc.cluster.local:${pkg.deployment.port}`;
  file.comment("", [
    `Opens a channel to the services of \`${pkg.name}\`: one per process and target.`,
    { tags: [`@param target \`${example}\`, \`localhost:${pkg.deployment.port}\`, …`] },
  ]);
  const parameters = parentheses(["target: string", ["init: ", file.runtime("ChannelInit")]]);
  file.print`${file.export("function", `build${pkg.names.versioned}Channel`)}${parameters}: ${file.runtime("Channel")} {`;
  const settings = braces([...printedSettings(), "...init"]);
  const args = huggingParentheses(["target", pkg.names.serviceConfig, settings]);
  file.print`  return ${file.runtime("buildChannel")}${args};`;
  file.print`}`;
}

/** The numbers by which connections live, for the same reason as those in `server.ts`. */
function printedSettings(): Printable[] {
  const { keepaliveTimeMs, keepaliveTimeoutMs, dnsRefreshMs, dnsLeastIntervalMs } = CHANNEL_DEFAULTS;
  const { connectTimeoutMs, maxRequestBytes, maxResponseBytes } = CHANNEL_DEFAULTS;
  const keepalive = [
    ["timeMs: ", numberLiteral(keepaliveTimeMs)],
    ["timeoutMs: ", numberLiteral(keepaliveTimeoutMs)],
  ];
  return [
    ["keepalive: ", braces(keepalive)],
    ["dnsRefreshMs: ", numberLiteral(dnsRefreshMs)],
    ["dnsLeastIntervalMs: ", numberLiteral(dnsLeastIntervalMs)],
    ["connectTimeoutMs: ", numberLiteral(connectTimeoutMs)],
    ["maxRequestBytes: ", numberLiteral(maxRequestBytes)],
    ["maxResponseBytes: ", numberLiteral(maxResponseBytes)],
  ];
}
