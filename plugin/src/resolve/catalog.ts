import type { DescEnum } from "@bufbuild/protobuf";
import type { Status } from "../read/options.js";
import type { RawCatalog, RawErrorValue } from "../read/raw-contract.js";
import { pascalCase } from "./casing.js";
import { type MessageTemplate, parseMessageTemplate } from "./message-template.js";

/** A declared error with its defaults applied. */
export interface ResolvedError {
  readonly raw: RawErrorValue;
  /** The package whose catalogue declares it. */
  readonly package: string;
  /** As other packages name it in `raises`: `ledger.v1.LEDGER_ERROR_CODE_INSUFFICIENT_FUNDS`. */
  readonly fullName: string;
  /** The business code: `INSUFFICIENT_FUNDS`. */
  readonly code: string;
  /** The class: `InsufficientFundsError`. */
  readonly exception: string;
  /** The type of what it carries: `InsufficientFundsMetadata`. */
  readonly metadataType: string;
  /** `OK` where the contract names none, which is an error of its own. */
  readonly status: Status;
  readonly messageText: string;
  readonly message: MessageTemplate;
  readonly metadata: readonly string[];
  /** The type of what its constructor takes besides, where it declares details: `InsufficientFundsOptions`. */
  readonly optionsType: string;
  /** The full names of the messages that it may carry beside ErrorInfo, as they are written. */
  readonly details: readonly string[];
}

/** A package's error catalogue. */
export interface ResolvedCatalog {
  readonly raw: RawCatalog;
  /** In the order of their numbers. The zero value isn't one of them. */
  readonly errors: readonly ResolvedError[];
}

/** Applies the defaults of a catalogue. */
export function resolveCatalog(raw: RawCatalog): ResolvedCatalog {
  const errors = raw.values
    .filter((value) => value.desc.number !== 0)
    .map((value) => resolveError(value, raw))
    .sort((a, b) => a.raw.desc.number - b.raw.desc.number);
  return { raw, errors };
}

function resolveError(raw: RawErrorValue, catalog: RawCatalog): ResolvedError {
  const { desc, options } = raw;
  const code = options.code || withoutPrefix(desc.name, catalog);
  const exception = options.exception || `${pascalCase(code)}Error`;
  const messageText = options.message || inWords(code);
  return {
    raw,
    package: desc.parent.file.proto.package,
    fullName: enumValueName(desc.parent, desc.name),
    code,
    exception,
    metadataType: `${exception.replace(/Error$/, "")}Metadata`,
    optionsType: `${exception.replace(/Error$/, "")}Options`,
    details: options.details,
    status: options.status,
    messageText,
    message: parseMessageTemplate(messageText),
    metadata: options.metadata,
  };
}

/** Enum values belong to what surrounds their enum. */
function enumValueName(desc: DescEnum, name: string): string {
  const scope = desc.parent?.typeName ?? desc.file.proto.package;
  return scope === "" ? name : `${scope}.${name}`;
}

function withoutPrefix(name: string, catalog: RawCatalog): string {
  const { prefix } = catalog.options;
  if (prefix !== "") {
    return name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : name;
  }
  return withoutEnumName(name, catalog.desc.name);
}

/**
 * Cuts the enum's name from a value's. Underscores don't count: linters disagree on those of `OAuth2Error`
 * (`OAUTH2_ERROR_`, `O_AUTH2_ERROR_`).
 */
function withoutEnumName(value: string, enumName: string): string {
  const letters = enumName.replaceAll("_", "").toUpperCase();
  let matched = 0;
  for (let i = 0; i < value.length; i++) {
    const letter = value.charAt(i);
    if (matched === letters.length) {
      return letter === "_" && i + 1 < value.length ? value.slice(i + 1) : value;
    }
    if (letter === "_") {
      continue;
    }
    if (letter !== letters.charAt(matched)) {
      return value;
    }
    matched++;
  }
  return value;
}

/** `INSUFFICIENT_FUNDS` → `Insufficient funds`. */
function inWords(code: string): string {
  const words = code.replaceAll("_", " ").trim().toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
