import type { DescFile } from "@bufbuild/protobuf";
import { HealthRole } from "../read/options.js";
import type { ResolvedContract, ResolvedPackage, ResolvedService } from "../resolve/resolved-contract.js";
import { buildChannel } from "./build-channel.js";
import { buildDeployment } from "./build-deployment.js";
import { buildErrors, type ErrorModels } from "./build-errors.js";
import { buildMethod } from "./build-method.js";
import { BUILT_IN_SERVICES } from "./built-in-services.js";
import type { ContractModel, ErrorMapReference, FileModel, PackageModel, ServiceModel } from "./model.js";
import { packagePaths } from "./package-paths.js";
import { fileNames, serviceKeys } from "./service-names.js";

/** Makes the model of a contract without errors. Total: whatever it is given, it gives a model. */
export function buildModel(contract: ResolvedContract): ContractModel {
  const context: Context = { contract, errors: buildErrors(contract) };
  return {
    packages: contract.packages
      .filter((pkg) => pkg.services.length > 0 || pkg.catalog?.raw.file.generate === true)
      .map((pkg) => buildPackage(pkg, context)),
  };
}

interface Context {
  readonly contract: ResolvedContract;
  readonly errors: ErrorModels;
}

function buildPackage(pkg: ResolvedPackage, context: Context): PackageModel {
  const { settings, parts } = pkg;
  const files = buildFiles(pkg, context);
  const detail = settings.errorDetail[0]?.value;
  return {
    name: pkg.name,
    names: pkg.identifiers,
    paths: packagePaths(pkg.name),
    // ErrorInfo's domain may not be empty.
    errorDomain: settings.errorDomain[0]?.value ?? (pkg.name || parts.unversioned),
    errorDetail: detail === undefined ? undefined : context.contract.message(detail),
    logPrefix: settings.logPrefix[0]?.value ?? parts.unversioned,
    errors: (pkg.catalog?.errors ?? []).flatMap((error) => context.errors.get(error) ?? []),
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
    for (const { error } of [...service.raises, ...service.methods.flatMap((method) => method.raises)]) {
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

function buildFiles(pkg: ResolvedPackage, { errors }: Context): FileModel[] {
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
                  return methodNames === undefined ? [] : [buildMethod(method, methodNames, errors)];
                }),
                healthRequired: service.raw.options.health?.role !== HealthRole.OPTIONAL,
                isBuiltIn: BUILT_IN_SERVICES.has(service.raw.desc.typeName),
              },
            ];
      }),
    };
  });
}
