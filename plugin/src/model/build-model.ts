import type { DescFile } from "@bufbuild/protobuf";
import { HealthRole } from "../read/options.js";
import type {
  ResolvedContract,
  ResolvedMethod,
  ResolvedPackage,
  ResolvedService,
} from "../resolve/resolved-contract.js";
import { buildChannel } from "./build-channel.js";
import { buildDeployment } from "./build-deployment.js";
import { buildErrors, type ErrorModels } from "./build-errors.js";
import { buildMethod } from "./build-method.js";
import { Validations } from "./build-validation.js";
import { BUILT_IN_SERVICES } from "./built-in-services.js";
import { invalidRequest } from "./invalid-request.js";
import type {
  ContractModel,
  ErrorMapReference,
  ErrorModel,
  FileModel,
  MethodModel,
  PackageModel,
  ServiceModel,
} from "./model.js";
import { packagePaths } from "./package-paths.js";
import { fileNames, serviceKeys } from "./service-names.js";

/**
 * Makes the model of a contract without errors. Total: whatever it is given, it gives a model.
 *
 * @param validate whether requests are checked by the rules in their protos
 */
export function buildModel(contract: ResolvedContract, validate: boolean): ContractModel {
  const context: Context = {
    contract,
    errors: buildErrors(contract),
    validations: validate ? new Validations() : undefined,
  };
  return {
    packages: contract.packages
      .filter((pkg) => pkg.services.length > 0 || pkg.catalog?.raw.file.generate === true)
      .map((pkg) => buildPackage(pkg, context)),
  };
}

interface Context {
  readonly contract: ResolvedContract;
  readonly errors: ErrorModels;
  /** Undefined if no request is checked. */
  readonly validations: Validations | undefined;
}

function buildPackage(pkg: ResolvedPackage, context: Context): PackageModel {
  const { settings, parts } = pkg;
  const catalog = (pkg.catalog?.errors ?? []).flatMap((error) => context.errors.get(error) ?? []);
  const files = buildFiles(pkg, context, catalog);
  const refusals = new Set(
    files.flatMap(({ services }) => services.flatMap(({ methods }) => methods.flatMap(({ refusal }) => refusal ?? []))),
  );
  const detail = settings.errorDetail[0]?.value;
  return {
    name: pkg.name,
    names: pkg.identifiers,
    paths: packagePaths(pkg.name),
    // ErrorInfo's domain may not be empty.
    errorDomain: settings.errorDomain[0]?.value ?? (pkg.name || parts.unversioned),
    errorDetail: detail === undefined ? undefined : context.contract.message(detail),
    logPrefix: settings.logPrefix[0]?.value ?? parts.unversioned,
    // Those of a catalogue are in it, or another package's.
    errors: [...catalog, ...[...refusals].filter(({ value }) => value === undefined)],
    catalog: pkg.catalog?.raw.desc,
    importedErrorMaps: importedErrorMaps(pkg, context),
    files,
    services: files.flatMap((file) => file.services),
    channel: buildChannel(pkg),
    deployment: buildDeployment(pkg),
  };
}

function importedErrorMaps(pkg: ResolvedPackage, { contract }: Context): ErrorMapReference[] {
  const names = new Set<string>();
  for (const service of pkg.services) {
    const refusals = service.methods.flatMap(({ validation }) => validation.error ?? []);
    for (const { error } of [...service.raises, ...refusals, ...service.methods.flatMap((method) => method.raises)]) {
      if (error !== undefined && error.package !== pkg.name) {
        names.add(error.package);
      }
    }
  }
  return contract.packages
    .filter((candidate) => names.has(candidate.name))
    .map((candidate) => ({
      package: candidate.name,
      errorMap: candidate.identifiers.errorMap,
      path: packagePaths(candidate.name).errors,
    }));
}

function buildFiles(pkg: ResolvedPackage, context: Context, catalog: readonly ErrorModel[]): FileModel[] {
  const ofPackage = invalidRequest(pkg, catalog);
  const keys = serviceKeys(pkg.services);
  const byFile = new Map<DescFile, ResolvedService[]>();
  for (const service of pkg.services) {
    const file = service.raw.file.desc;
    const known = byFile.get(file);
    if (known === undefined) {
      byFile.set(file, [service]);
    } else {
      known.push(service);
    }
  }
  return [...byFile].map(([file, services]) => {
    const names = fileNames(services);
    const paths = { servicerPath: `${file.name}_servicer`, clientPath: `${file.name}_client` };
    return {
      file,
      ...paths,
      webPath: `${file.name}_web`,
      contractPath: `${file.name}_contract`,
      services: services.flatMap((service): ServiceModel[] => {
        const own = names.services.get(service);
        return own === undefined
          ? []
          : [
              {
                service: service.raw.desc,
                names: { ...own, key: keys.get(service) ?? own.client },
                ...paths,
                methods: service.methods.flatMap((method) => {
                  const methodNames = names.methods.get(method);
                  return methodNames === undefined
                    ? []
                    : [buildMethod(method, methodNames, context.errors, checksOf(method, ofPackage, context))];
                }),
                healthRequired: service.raw.options.health?.role !== HealthRole.OPTIONAL,
                isBuiltIn: BUILT_IN_SERVICES.has(service.raw.desc.typeName),
              },
            ];
      }),
    };
  });
}

/** What is checked of a method's messages. */
function checksOf(
  method: ResolvedMethod,
  ofPackage: ErrorModel,
  { errors, validations }: Context,
): Pick<MethodModel, "refusal" | "checksResponses"> {
  const { off, error } = method.validation;
  const { input, output } = method.raw.desc;
  if (off || validations === undefined || BUILT_IN_SERVICES.has(method.service.raw.desc.typeName)) {
    return { refusal: undefined, checksResponses: false };
  }
  const refusal = (error?.error && errors.get(error.error)) ?? ofPackage;
  return {
    refusal: validations.kindOf(input) === "none" ? undefined : refusal,
    checksResponses: validations.kindOf(output) !== "none",
  };
}
