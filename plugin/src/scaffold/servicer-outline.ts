import type { ContractModel, MethodKind, MethodModel, ServiceModel } from "../model/model.js";
import { type ImportableName, messageNames } from "./message-names.js";

/** What the scaffold needs to know of a service: names, and where they come from. */
export interface ServicerOutline {
  /** `ledger.v1.LedgerService` */
  readonly service: string;
  /** The generated interface: `LedgerServiceServicer`. */
  readonly servicer: ImportableName;
  /** The class that a first run writes: `LedgerServicer`. */
  readonly className: string;
  /** The file that a first run writes, below the user's folder: `ledger-servicer.ts`. */
  readonly fileName: string;
  /** Where that file goes when another package's service has the same name: `ledger/v1`. */
  readonly packageDirectory: string;
  /** In the order of the proto. */
  readonly methods: readonly MethodOutline[];
}

/** What the scaffold needs to know of a method. */
export interface MethodOutline {
  /** `transfer` */
  readonly name: string;
  /** `ledger.v1.LedgerService.Transfer` */
  readonly rpc: string;
  readonly kind: MethodKind;
  readonly input: ImportableName;
  readonly outputSchema: ImportableName;
}

/** The outlines of all services of a model, in its order. */
export function outlineServices(model: ContractModel): ServicerOutline[] {
  return model.packages.flatMap((pkg) =>
    pkg.services.filter(({ isBuiltIn }) => !isBuiltIn).map((service) => outlineService(service, pkg.paths.directory)),
  );
}

/** All generated modules that a servicer's file may import, by their paths below the folder of generated code. */
export function generatedModules(outlines: readonly ServicerOutline[]): string[] {
  const names = outlines.flatMap(({ servicer, methods }) => [
    servicer,
    ...methods.flatMap(({ input, outputSchema }) => [input, outputSchema]),
  ]);
  return [...new Set(names.flatMap(({ module }) => (module.kind === "generated" ? [module.path] : [])))];
}

function outlineService(service: ServiceModel, packageDirectory: string): ServicerOutline {
  const className = classNameOf(service);
  return {
    service: service.service.typeName,
    servicer: {
      name: service.names.servicer,
      module: { kind: "generated", path: service.servicerPath },
      typeOnly: true,
    },
    className,
    fileName: `${kebabCase(className)}.ts`,
    packageDirectory,
    methods: service.methods.map(outlineMethod),
  };
}

function outlineMethod(method: MethodModel): MethodOutline {
  const { method: desc, kind, names } = method;
  return {
    name: names.member,
    rpc: `${desc.parent.typeName}.${desc.name}`,
    kind,
    input: messageNames(desc.input).shape,
    outputSchema: messageNames(desc.output).schema,
  };
}

/** `LedgerService` → `LedgerServicer`; `Greeter`, whose interface has that name already → `GreeterServicerImpl`. */
function classNameOf({ service, names }: ServiceModel): string {
  const name = `${service.name.replace(/(?<=.)Service$/, "")}Servicer`;
  return name === names.servicer ? `${name}Impl` : name;
}

/** `LedgerServicer` → `ledger-servicer`, `HTTPProxyServicer` → `http-proxy-servicer`. */
function kebabCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
}
