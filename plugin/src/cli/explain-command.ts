import { nearest } from "@accord-grpc/runtime/contract";
import type { CliIo } from "./cli-io.js";
import type { Command } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { INPUT_ARGUMENT, readContractInput } from "./contract-input.js";
import { printJson } from "./diagnostic-lines.js";
import { type ExplainedMethod, type ExplainedService, explainServices } from "./explain/explanation.js";
import { methodSections } from "./explain/render-method.js";
import { overviewSections, serviceSections } from "./explain/render-overview.js";
import { readModel } from "./read-model.js";
import { namesOfService, selectService } from "./select-service.js";
import { renderSections, type TextPage, type TextSection } from "./text-section.js";
import { COLOR_OPTIONS, plainLine, plainText, textStyle } from "./text-style.js";

/** `accord explain`: what a method does, for people. */
export const explainCommand: Command = {
  name: "explain",
  summary: "Show what a service or a method does",
  description: [
    "Shows what callers and servers of a method can count on: its errors, how long it may take, when and how often a call",
    "is sent again, with the arithmetic, what is logged, and who may call. A service's name shows the service, no name at",
    "all an overview.",
  ],
  positionals: [
    {
      name: "service[.method]",
      summary: "LedgerService, ledger.v1.LedgerService, LedgerService.Transfer, Transfer; or a package: ledger.v1",
    },
  ],
  options: [
    { name: "input", short: "i", value: "INPUT", summary: INPUT_ARGUMENT.summary },
    { name: "json", summary: "Print one JSON document instead, durations in milliseconds" },
    ...COLOR_OPTIONS,
  ],
  examples: [
    { what: "All services in the current folder", command: "accord explain" },
    { what: "One method", command: "accord explain LedgerService.Transfer" },
    {
      what: "The statuses after which a method is sent again",
      command: "accord explain Transfer --json | jq '.services[].methods[].resend.codes'",
    },
    {
      what: "A service of a module in the registry",
      command: "accord explain ledger.v1.LedgerService --input buf.build/acme/ledger",
    },
  ],
  exitCodes: ["0: shown", "2: there is no such name, or the input can't be read or has errors"],
  async run(args, io) {
    const input = await readContractInput(args.value("input") ?? ".", io);
    const model = await readModel(input);
    const local = await input.localPaths();
    const services = explainServices(model, (path) => local.get(path) ?? path);
    const found = select(
      args.has("json") ? services : services.map((service) => printable(service)),
      args.positionals[0],
    );
    if (args.has("json")) {
      printJson({ services: found.services }, io);
      return ExitCode.OK;
    }
    const page: TextPage = { style: textStyle(io, io.stdout, args), width: pageWidth(io) };
    io.stdout.write(renderSections(found.sections(page), page));
    return ExitCode.OK;
  },
};

/** The same without what would steer a terminal. Only comments have lines. */
function printable<Value>(value: Value, key = ""): Value {
  if (typeof value === "string") {
    return (key === "comment" ? plainText(value) : plainLine(value)) as Value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => printable(item)) as Value;
  }
  return typeof value === "object" && value !== null
    ? (Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, printable(inner, name)])) as Value)
    : value;
}

interface Selection {
  readonly services: readonly ExplainedService[];
  readonly sections: (page: TextPage) => TextSection[];
}

const NARROWEST = 60;
const WIDEST = 110;
const WITHOUT_TERMINAL = 100;

function pageWidth(io: CliIo): number {
  return Math.min(WIDEST, Math.max(NARROWEST, io.stdout.columns ?? WITHOUT_TERMINAL));
}

/** Finds what a name means: nothing, a package, a service, a method of a service, or a method's own name if only one has it. */
function select(services: readonly ExplainedService[], name: string | undefined): Selection {
  if (name === undefined) {
    return { services, sections: (page) => overviewSections(services, page) };
  }
  // gRPC's own spelling is welcome too: /ledger.v1.LedgerService/Transfer
  const wanted = name.replace(/^\//, "").replace("/", ".");
  const inPackage = services.filter((service) => equal(service.package, wanted));
  if (inPackage.length > 0) {
    return { services: inPackage, sections: (page) => overviewSections(inPackage, page) };
  }
  const isService = (text: string) =>
    services.some(({ service }) => namesOfService(service).some((own) => equal(own, text)));
  if (isService(wanted)) {
    const service = selectService(services, (candidate) => candidate.service, wanted);
    return { services: [service], sections: (page) => serviceSections(service, page) };
  }
  const dot = wanted.lastIndexOf(".");
  const [owner, method] = [wanted.slice(0, Math.max(0, dot)), wanted.slice(dot + 1)];
  const owners = owner === "" ? services : [selectOwner(services, owner, wanted)];
  const found = owners.flatMap((service) =>
    service.methods
      .filter((candidate) => isCalled(candidate, method))
      .map((candidate) => ({ service, method: candidate })),
  );
  const [only] = found;
  if (only === undefined) {
    throw noSuchName(services, owners, wanted, method);
  }
  if (found.length > 1) {
    throw new CommandError(`Several services have a method "${method}". Name the service too.`, {
      details: found.map((candidate) => `  ${candidate.method.fullName}`),
    });
  }
  return {
    services: [{ ...only.service, methods: [only.method] }],
    sections: (page) => methodSections(only.method, page),
  };
}

function selectOwner(services: readonly ExplainedService[], owner: string, wanted: string): ExplainedService {
  try {
    return selectService(services, ({ service }) => service, owner);
  } catch (error) {
    // `ledger.v1.LedgerServise` isn't a method of `ledger.v1`: the whole name may be a service's.
    const all = services.flatMap(({ service, methods }) => [
      ...namesOfService(service),
      ...methods.flatMap(namesOfMethod),
    ]);
    const close = nearest(wanted, all);
    throw close === undefined ? error : new CommandError(`There is nothing called "${wanted}". Did you mean ${close}?`);
  }
}

function noSuchName(
  services: readonly ExplainedService[],
  owners: readonly ExplainedService[],
  wanted: string,
  method: string,
): CommandError {
  const [owner] = owners;
  if (owners.length === 1 && owner !== undefined && wanted !== method) {
    const names = owner.methods.map((candidate) => candidate.method);
    const close = nearest(method, names);
    const hint = close === undefined ? "" : ` Did you mean ${close}?`;
    return new CommandError(`${owner.service} has no method "${method}".${hint}`, {
      details: names.length === 0 ? [] : ["It has:", ...names.map((text) => `  ${text}`)],
    });
  }
  const names = services.flatMap(({ service, methods }) => [
    ...namesOfService(service),
    ...methods.map((candidate) => candidate.method),
  ]);
  const close =
    nearest(wanted, names) ?? onlyOne(names.filter((text) => text.toLowerCase().includes(wanted.toLowerCase())));
  const hint = close === undefined ? "" : ` Did you mean ${close}?`;
  return new CommandError(`There is no service and no method "${wanted}".${hint}`, {
    details: ["The services are:", ...services.map(({ service }) => `  ${service}`)],
  });
}

/** The shortest, if the others are only longer forms of it. */
function onlyOne(names: readonly string[]): string | undefined {
  const [shortest] = [...names].sort((a, b) => a.length - b.length);
  return names.every((name) => shortest !== undefined && name.endsWith(shortest)) ? shortest : undefined;
}

function namesOfMethod({ fullName, method }: ExplainedMethod): string[] {
  const [service = ""] = fullName.split(".").slice(-2);
  return [fullName, `${service}.${method}`];
}

function isCalled(method: ExplainedMethod, name: string): boolean {
  return equal(method.method, name) || equal(method.localName, name);
}

function equal(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
