import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Place } from "../read/place.js";
import type { RawContract, RawFile, RawService } from "../read/raw-contract.js";
import { effectiveAuth } from "./auth.js";
import { defaultCall, effectiveCall } from "./call-policy.js";
import { type ResolvedCatalog, type ResolvedError, resolveCatalog } from "./catalog.js";
import { resolveDeployment } from "./deployment.js";
import { effectiveLog } from "./log-fields.js";
import { LogMarks } from "./log-marks.js";
import { effectiveLogPolicy } from "./log-policy.js";
import { packageIdentifiers, packageNameParts } from "./package-names.js";
import { collectSettings } from "./package-settings.js";
import type {
  RaisedName,
  ResolvedContract,
  ResolvedMethod,
  ResolvedPackage,
  ResolvedService,
} from "./resolved-contract.js";
import { effectiveValidation } from "./validation.js";

/** Works out what options mean: defaults inherited, references followed, names looked up. Never fails. */
export function resolveContract(raw: RawContract): ResolvedContract {
  const packages = packagesOf(raw);
  const catalogs = new Map<string, CatalogIndex>();
  const errorByFullName = new Map<string, ResolvedError>();
  for (const { name, files } of packages) {
    const index = indexCatalog(files);
    catalogs.set(name, index);
    for (const error of index.catalog?.errors ?? []) {
      errorByFullName.set(error.fullName, error);
    }
  }
  const context: Context = {
    marks: new LogMarks(raw.files),
    idempotencyKeys: idempotencyKeys(raw.files),
    errorByFullName,
  };
  const messages = lazy(() => messagesByName(raw.files));
  return {
    raw,
    packages: packages.map(({ name, files }) =>
      resolvePackage(name, files, catalogs.get(name) ?? EMPTY_CATALOG, context),
    ),
    marks: context.marks,
    message: (typeName) => messages().get(typeName),
    messageNames: () => messages().keys(),
  };
}

interface Context {
  readonly marks: LogMarks;
  readonly idempotencyKeys: ReadonlyMap<DescMessage, DescField>;
  readonly errorByFullName: ReadonlyMap<string, ResolvedError>;
}

interface CatalogIndex {
  readonly catalog: ResolvedCatalog | undefined;
  readonly errorByCode: ReadonlyMap<string, ResolvedError>;
}

const EMPTY_CATALOG: CatalogIndex = { catalog: undefined, errorByCode: new Map() };

/** The packages that have something of interest, sorted by name. */
function packagesOf(raw: RawContract): { name: string; files: RawFile[] }[] {
  const filesOf = new Map<string, RawFile[]>();
  for (const file of raw.files) {
    const name = file.desc.proto.package;
    const files = filesOf.get(name);
    if (files === undefined) {
      filesOf.set(name, [file]);
    } else {
      files.push(file);
    }
  }
  return [...filesOf]
    .filter(([, files]) => files.some((file) => file.services.length > 0 || file.catalogs.length > 0 || file.annotated))
    .map(([name, files]) => ({ name, files }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function indexCatalog(files: readonly RawFile[]): CatalogIndex {
  const [first] = files.flatMap((file) => file.catalogs);
  if (first === undefined) {
    return EMPTY_CATALOG;
  }
  const catalog = resolveCatalog(first);
  const errorByCode = new Map<string, ResolvedError>();
  for (const error of catalog.errors) {
    if (!errorByCode.has(error.code)) {
      errorByCode.set(error.code, error);
    }
  }
  return { catalog, errorByCode };
}

function resolvePackage(
  name: string,
  files: readonly RawFile[],
  { catalog, errorByCode }: CatalogIndex,
  context: Context,
): ResolvedPackage {
  const settings = collectSettings(files);
  const services: ResolvedService[] = [];
  const parts = packageNameParts(name);
  const resolved: ResolvedPackage = {
    name,
    parts,
    identifiers: packageIdentifiers(parts),
    files,
    generate: files.some((file) => file.generate),
    settings,
    deployment: resolveDeployment(settings.deployment, name === "" ? parts.unversioned : name),
    catalog,
    errorByCode,
    services,
  };
  for (const file of files) {
    if (file.generate) {
      services.push(...file.services.map((service) => resolveService(service, resolved, context)));
    }
  }
  return resolved;
}

function resolveService(raw: RawService, owner: ResolvedPackage, context: Context): ResolvedService {
  const defaults = defaultCall(raw);
  const methods: ResolvedMethod[] = [];
  const namedAt =
    (place: Place) =>
    (name: string): RaisedName => ({ name, place, error: findError(name, owner, context) });
  const validation = effectiveValidation(
    raw.options.validation,
    undefined,
    namedAt(raw.at.at("validation").at("error")),
  );
  const service: ResolvedService = {
    raw,
    package: owner,
    defaults,
    raises: resolveRaises(raw.options.raises, (element) => raw.at.at("raises", element), owner, context),
    validation,
    methods,
  };
  for (const method of raw.methods) {
    methods.push({
      raw: method,
      service,
      call: effectiveCall(method, defaults),
      raises: resolveRaises(method.options.raises, (element) => method.at.at("raises", element), owner, context),
      log: effectiveLog(method, context.marks),
      logPolicy: effectiveLogPolicy(method.options.logPolicy, raw.options.logPolicy),
      auth: effectiveAuth(method.options.auth, raw.options.auth),
      idempotencyKey: context.idempotencyKeys.get(method.desc.input),
      validation: effectiveValidation(
        method.options.validation,
        validation,
        namedAt(method.at.at("validation").at("error")),
      ),
    });
  }
  return service;
}

function resolveRaises(
  names: readonly string[],
  placeOf: (element: { index: number; of: number }) => Place,
  owner: ResolvedPackage,
  context: Context,
): RaisedName[] {
  return names.map((name, index) => ({
    name,
    place: placeOf({ index, of: names.length }),
    error: findError(name, owner, context),
  }));
}

function findError(name: string, owner: ResolvedPackage, context: Context): ResolvedError | undefined {
  return owner.errorByCode.get(name) ?? context.errorByFullName.get(name);
}

function idempotencyKeys(files: readonly RawFile[]): ReadonlyMap<DescMessage, DescField> {
  const keys = new Map<DescMessage, DescField>();
  for (const file of files) {
    for (const { desc, options } of file.fields) {
      if (options.idempotencyKey && !keys.has(desc.parent)) {
        keys.set(desc.parent, desc);
      }
    }
  }
  return keys;
}

function messagesByName(files: readonly RawFile[]): ReadonlyMap<string, DescMessage> {
  const byName = new Map<string, DescMessage>();
  const add = (message: DescMessage): void => {
    byName.set(message.typeName, message);
    message.nestedMessages.forEach(add);
  };
  for (const file of files) {
    file.desc.messages.forEach(add);
  }
  return byName;
}

function lazy<T>(compute: () => T): () => T {
  let value: { readonly known: T } | undefined;
  return () => {
    value ??= { known: compute() };
    return value.known;
  };
}
