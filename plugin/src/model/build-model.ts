import type { DescFile } from "@bufbuild/protobuf";
import { HealthRole } from "../read/options.js";
import type { ResolvedContract, ResolvedPackage, ResolvedService } from "../resolve/resolved-contract.js";
import { buildChannel } from "./build-channel.js";
import { buildDeployment } from "./build-deployment.js";
import { buildErrors, type ErrorModels } from "./build-errors.js";
import { buildMethod } from "./build-method.js";
import type { ContractModel, ErrorMapReference, FileModel, PackageModel, PackagePaths, ServiceModel } from "./model.js";
import { packagePaths } from "./package-paths.js";
import { fileNames, serviceKeys } from "./service-names.js";

/** Makes the model of a contract without errors. Total: whatever it is given, it gives a model. */
export function buildModel(contract: ResolvedContract): ContractModel {
  const paths = packagePaths(contract.packages);
  const errors = buildErrors(contract, paths);
  const context: Context = { contract, paths, errors };
  return {
    packages: contract.packages
      .filter((pkg) => pkg.services.length > 0 || pkg.catalog?.raw.file.generate === true)
      .flatMap((pkg) => {
        const own = paths.get(pkg);
        return own === undefined ? [] : [buildPackage(pkg, own, context)];
      }),
  };
}

interface Context {
  readonly contract: ResolvedContract;
  readonly paths: ReadonlyMap<ResolvedPackage, PackagePaths>;
  readonly errors: ErrorModels;
}

function buildPackage(pkg: ResolvedPackage, paths: PackagePaths, context: Context): PackageModel {
  const { settings, parts } = pkg;
  const files = buildFiles(pkg, context);
  const detail = settings.errorDetail[0]?.value;
  return {
    name: pkg.name,
    names: pkg.identifiers,
    paths,
    // ErrorInfo's domain may not be empty.
    errorDomain: settings.errorDomain[0]?.value ?? (pkg.name || parts.unversioned),
    errorDetail: detail === undefined ? undefined : context.contract.message(detail),
    logPrefix: settings.logPrefix[0]?.value ?? parts.unversioned,
    errors: (pkg.catalog?.errors ?? []).flatMap((error) => context.errors.get(error) ?? []),
    catalog: pkg.catalog?.raw.desc,
    emitsErrors: pkg.catalog === undefined || pkg.catalog.raw.file.generate,
    importedErrorMaps: importedErrorMaps(pkg, context),
    files,
    services: files.flatMap((file) => file.services),
    channel: buildChannel(pkg),
    deployment: buildDeployment(pkg),
  };
}

function importedErrorMaps(pkg: ResolvedPackage, { contract, paths }: Context): ErrorMapReference[] {
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
      path: paths.get(candidate)?.errors ?? "errors",
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
              },
            ];
      }),
    };
  });
}
