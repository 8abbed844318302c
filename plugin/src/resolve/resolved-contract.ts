import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Place } from "../read/place.js";
import type { RawContract, RawFile, RawMethod, RawService } from "../read/raw-contract.js";
import type { EffectiveCall } from "./call-policy.js";
import type { ResolvedCatalog, ResolvedError } from "./catalog.js";
import type { ResolvedDeployment } from "./deployment.js";
import type { EffectiveLog } from "./log-fields.js";
import type { LogMarks } from "./log-marks.js";
import type { EffectiveLogPolicy } from "./log-policy.js";
import type { PackageIdentifiers, PackageNameParts } from "./package-names.js";
import type { PackageSettings } from "./package-settings.js";
import type { EffectiveValidation } from "./validation.js";

/** A name in a `raises`, and what it stands for. */
export interface RaisedName {
  readonly name: string;
  readonly place: Place;
  /** Undefined if nothing has that name. */
  readonly error: ResolvedError | undefined;
}

export interface EffectiveAuth {
  readonly requirement: "none" | "optional" | "required";
  readonly scopes: readonly string[];
}

export interface ResolvedMethod {
  readonly raw: RawMethod;
  readonly service: ResolvedService;
  readonly call: EffectiveCall;
  /** The names that the method itself lists. */
  readonly raises: readonly RaisedName[];
  readonly log: EffectiveLog;
  readonly logPolicy: EffectiveLogPolicy;
  readonly auth: EffectiveAuth;
  /** The field of the request that tells a repetition from a new call. */
  readonly idempotencyKey: DescField | undefined;
  readonly validation: EffectiveValidation<RaisedName>;
}

export interface ResolvedService {
  readonly raw: RawService;
  readonly package: ResolvedPackage;
  /** The call policy of methods that say nothing. */
  readonly defaults: EffectiveCall;
  /** The names that hold for every method. */
  readonly raises: readonly RaisedName[];
  /** What holds for the checks of requests where a method says nothing. */
  readonly validation: EffectiveValidation<RaisedName>;
  readonly methods: readonly ResolvedMethod[];
}

export interface ResolvedPackage {
  /** Empty for files without a package statement. */
  readonly name: string;
  readonly parts: PackageNameParts;
  readonly identifiers: PackageIdentifiers;
  /** All visible files, sorted by path. */
  readonly files: readonly RawFile[];
  /** Whether one of them is to be generated: what is only imported isn't checked. */
  readonly generate: boolean;
  readonly settings: PackageSettings;
  readonly deployment: ResolvedDeployment;
  /** The error catalogue: the first, should there be several. */
  readonly catalog: ResolvedCatalog | undefined;
  /** The catalogue's errors by their code. */
  readonly errorByCode: ReadonlyMap<string, ResolvedError>;
  /** The services of the files that are to be generated, in the order of the files. */
  readonly services: readonly ResolvedService[];
}

/** What a request's options mean: defaults inherited, names looked up. Wrong ones are still in it. */
export interface ResolvedContract {
  readonly raw: RawContract;
  /** Packages with services or a catalogue, sorted by name. */
  readonly packages: readonly ResolvedPackage[];
  readonly marks: LogMarks;
  /** Finds a visible message by its full name. */
  readonly message: (typeName: string) => DescMessage | undefined;
  /** The full names of all visible messages: what a misspelt one may have meant. */
  readonly messageNames: () => Iterable<string>;
}
