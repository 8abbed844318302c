import type { ErrorCategory } from "@accord-grpc/runtime/contract";
import type { ErrorDetailModel, ErrorModel, MessagePart, PackageModel } from "../model/model.js";
import type { Emitter } from "./emitter.js";
import { printRuntimeNeeded } from "./handshake.js";
import {
  assignedCall,
  brackets,
  fallback,
  huggingParentheses,
  indented,
  parentheses,
  typeArguments,
  typeLiteral,
  typeParameters,
  union,
} from "./typescript/layout-group.js";
import { numberLiteral, propertyAccess, propertyName, stringLiteral, templateText } from "./typescript/text.js";
import type { Printable, TypeScriptFile } from "./typescript/typescript-file.js";

/** `errors.ts`: a package's error hierarchy, the same classes on the server and on its clients. */
export const errorsEmitter: Emitter = {
  emit(model, output) {
    for (const pkg of model.packages) {
      const file = output.typescript(pkg.paths.errors, { package: pkg.name });
      printRuntimeNeeded(file);
      printHierarchy(file, pkg);
      for (const error of parentsFirst(pkg.errors)) {
        printError(file, pkg, error);
      }
      printErrorMap(file, pkg);
    }
  },
};

const CATEGORIES: readonly (readonly [ErrorCategory, string])[] = [
  ["Unavailable", "The service can't be reached, or didn't answer in time: UNAVAILABLE, DEADLINE_EXCEEDED."],
  ["InvalidArgument", "The request is wrong, whatever the state of the service: INVALID_ARGUMENT, OUT_OF_RANGE."],
  ["Conflict", "It exists already, or someone else was faster: ALREADY_EXISTS, ABORTED."],
  ["NotFound", "What is asked for doesn't exist: NOT_FOUND."],
  ["FailedPrecondition", "The service isn't in the state that the call requires: FAILED_PRECONDITION."],
  ["PermissionDenied", "The caller is known and may not do this: PERMISSION_DENIED."],
  ["Unauthenticated", "The caller isn't known: UNAUTHENTICATED."],
  ["ResourceExhausted", "A quota or a capacity is used up: RESOURCE_EXHAUSTED."],
  ["Cancelled", "The caller cancelled the call: CANCELLED."],
  ["Unknown", "Everything else: UNKNOWN, INTERNAL, UNIMPLEMENTED, DATA_LOSS."],
];

/** The class of a category in a package: `LedgerUnavailableError`. */
function categoryClass(pkg: PackageModel, category: ErrorCategory): string {
  return `${pkg.names.errorPrefix}${category}Error`;
}

function printHierarchy(file: TypeScriptFile, pkg: PackageModel): void {
  // export abstract class LedgerError<Metadata extends ErrorMetadata = ErrorMetadata> extends ContractError<Metadata> {}
  const { baseError, errorPrefix } = pkg.names;
  const metadata = file.runtime("ErrorMetadata");
  const parameters = typeParameters([["Metadata extends ", metadata, " = ", metadata]]);
  file.comment("", [`Every error of \`${pkg.name}\`, on the server and on its clients.`]);
  const base = file.runtime("ContractError");
  file.print`${file.export("abstract class", baseError)}${parameters} extends ${base}<Metadata> {}`;
  // const categories: CategoryErrors = categoryErrors(LedgerError, "Ledger");
  const call = [file.runtime("categoryErrors"), parentheses([baseError, stringLiteral(errorPrefix)])];
  file.print``;
  file.print`const ${file.own("categories")}: ${file.runtime("CategoryErrors")} =${assignedCall(call)};`;
  for (const [category, text] of CATEGORIES) {
    // export const LedgerUnavailableError: CategoryBase<"Unavailable"> = categories.Unavailable;
    // export type LedgerUnavailableError = LedgerError & { readonly category: "Unavailable" };
    const name = categoryClass(pkg, category);
    const type = file.runtime("CategoryBase");
    file.print``;
    file.comment("", [text]);
    file.print`${file.export("const", name)}: ${type}<${stringLiteral(category)}> =${indented(`categories.${category}`)};`;
    file.print`export type ${name} = ${baseError} & ${typeLiteral([`readonly category: ${stringLiteral(category)}`])};`;
  }
}

/** Keeps a class's name where code is made small. */
function printClassName(file: TypeScriptFile, name: string): void {
  //   static {
  //     nameClass(LedgerUnavailableError, "LedgerUnavailableError");
  //   }
  file.print`  static {`;
  file.print`    ${file.runtime("nameClass")}${parentheses([name, stringLiteral(name)])};`;
  file.print`  }`;
}

function printError(file: TypeScriptFile, pkg: PackageModel, error: ErrorModel): void {
  const metadata = printMetadataType(file, error);
  printOptionsType(file, error);
  const isParent = error.descendants.length > 0;
  const superclass = error.parent?.exception ?? categoryClass(pkg, error.category);
  const typeArgument = isParent ? "<Metadata>" : metadata === undefined ? "" : ["<", metadata, ">"];
  const own = metadata ?? file.runtime("ErrorMetadata");
  // export class InsufficientFundsError extends LedgerFailedPreconditionError<InsufficientFundsMetadata> {
  //   override readonly code = "INSUFFICIENT_FUNDS";
  file.print``;
  file.comment("", [
    error.comment,
    `${error.status} · \`${error.code}\``,
    {
      tags: [
        ...(error.docUrl === undefined ? [] : [`@see ${error.docUrl}`]),
        ...(error.value?.deprecated ? ["@deprecated"] : []),
        ...(error.value === undefined
          ? []
          : [`@generated from enum value: ${error.value.name} = ${error.value.number}`]),
      ],
    },
  ]);
  const parameters = isParent ? typeParameters([["Metadata extends", indented([own, " = ", own])]]) : "";
  file.print`${file.export("class", error.exception)}${parameters} extends ${superclass}${typeArgument} {`;
  if (isParent) {
    const codes = [error.code, ...error.descendants].map(stringLiteral);
    file.print`  override readonly code:${union(codes)} =${indented(stringLiteral(error.code))};`;
  } else {
    file.print`  override readonly code = ${stringLiteral(error.code)};`;
  }
  file.print``;
  printClassName(file, error.exception);
  file.print``;
  printConstructor(file, error, isParent ? "Metadata" : metadata);
  for (const detail of error.ownDetails) {
    printReader(file, detail);
  }
  file.print`}`;
}

/** Prints the type of what an error carries, if it declares anything, and gives its name. */
function printMetadataType(file: TypeScriptFile, error: ErrorModel): string | undefined {
  if (error.metadata.length === 0) {
    return undefined;
  }
  // export type InsufficientFundsMetadata = { readonly balance: string; readonly amount: string };
  file.print``;
  file.comment("", [`What {@link ${error.exception}} carries.`]);
  const members = error.metadata.map((key) => ["readonly ", propertyName(key), ": string"]);
  file.print`${file.export("type", error.metadataType)} = ${typeLiteral(members)};`;
  return error.metadataType;
}

/** Prints the type of what an error's constructor takes besides, if it declares details. */
function printOptionsType(file: TypeScriptFile, error: ErrorModel): void {
  if (error.ownDetails.length === 0) {
    return;
  }
  // export interface InvalidOrderOptions extends ContractErrorOptions {
  //   readonly badRequest?: MessageInitShape<typeof BadRequestSchema>;
  // }
  file.print``;
  file.comment("", [`What {@link ${error.exception}} may be given besides.`]);
  const heritage = indented(["extends ", optionsOf(file, error.parent), " {"]);
  file.print`${file.export("interface", error.optionsType)}${heritage}`;
  for (const { typeName, property, message } of error.ownDetails) {
    const type = typeof message === "string" ? ["typeof ", file.runtime(`${message}Schema`)] : file.schemaType(message);
    file.comment("  ", [`Sent as the detail \`${typeName}\`.`]);
    file.print`  readonly ${property}?: ${file.protobufType("MessageInitShape")}${typeArguments([type])};`;
  }
  file.print`}`;
}

/** The type of the options of an error's constructor: its own, else its nearest ancestor's that has one. */
function optionsOf(file: TypeScriptFile, error: ErrorModel | undefined): Printable {
  if (error === undefined) {
    return file.runtime("ContractErrorOptions");
  }
  return error.ownDetails.length > 0 ? error.optionsType : optionsOf(file, error.parent);
}

function printReader(file: TypeScriptFile, { typeName, property, message }: ErrorDetailModel): void {
  //   get badRequest(): BadRequest | undefined {
  //     return this.detail(BadRequestSchema);
  //   }
  const type = typeof message === "string" ? file.runtime(message) : file.shape(message);
  file.print``;
  file.comment("  ", [`The detail \`${typeName}\`, if the error came with it.`]);
  file.print`  get ${property}():${union([type, "undefined"])} {`;
  file.print`    return this.detail(${detailSchema(file, message)});`;
  file.print`  }`;
}

function detailSchema(file: TypeScriptFile, message: ErrorDetailModel["message"]): Printable {
  return typeof message === "string" ? file.runtime(`${message}Schema`) : file.schema(message);
}

function printConstructor(file: TypeScriptFile, error: ErrorModel, metadata: string | undefined): void {
  const options = optionsOf(file, error);
  const type = metadata ?? file.runtime("ErrorMetadata");
  // What isn't declared may be left out.
  const parameter = ["metadata", error.metadata.length === 0 ? "?" : "", ": ", type];
  file.print`  constructor${parentheses([parameter, ["options?: ", options]])} {`;
  if (error.parent !== undefined) {
    //     super(metadata, {
    //       ...options,
    //       message: options?.message ?? `Account ${metadata.account} is seized`,
    //     });
    file.print`    super(metadata, {`;
    file.print`      ...options,`;
    file.print`      message:${indented(fallback("options?.message", messageExpression(error)))},`;
    printDetailsOption(file, error, "      ");
    file.print`    });`;
  } else {
    //     super(
    //       { code: "INSUFFICIENT_FUNDS", status: Status.FAILED_PRECONDITION, message: `…`, metadata },
    //       options,
    //     );
    file.print`    super(`;
    file.print`      {`;
    file.print`        code: ${stringLiteral(error.code)},`;
    file.print`        status: ${file.runtime("Status")}.${error.status},`;
    // A template literal is never moved to the next line.
    const message = messageExpression(error);
    file.print`        message:${hasKeys(error) ? [" ", message] : indented(message)},`;
    file.print`        metadata,`;
    file.print`      },`;
    if (error.ownDetails.length === 0) {
      file.print`      options,`;
    } else {
      //       { ...options, details: withDetails(options?.details, [BadRequestSchema, options?.badRequest]) },
      file.print`      {`;
      file.print`        ...options,`;
      printDetailsOption(file, error, "        ");
      file.print`      },`;
    }
    file.print`    );`;
  }
  file.print`  }`;
}

function printDetailsOption(file: TypeScriptFile, error: ErrorModel, indentation: string): void {
  if (error.ownDetails.length === 0) {
    return;
  }
  //   details: withDetails(options?.details, [BadRequestSchema, options?.badRequest]),
  const pairs = error.ownDetails.map(({ property, message }) =>
    brackets([detailSchema(file, message), `options?.${property}`]),
  );
  const inParentheses = pairs.length === 1 ? huggingParentheses : parentheses;
  const args = inParentheses(["options?.details", ...pairs]);
  file.print`${indentation}details: ${file.runtime("withDetails")}${args},`;
}

/** The message: a template literal if it shows a value. */
function messageExpression(error: ErrorModel): string {
  return hasKeys(error)
    ? `\`${error.message.map(templatePart).join("")}\``
    : stringLiteral(error.message.map((part) => ("text" in part ? part.text : "")).join(""));
}

function hasKeys(error: ErrorModel): boolean {
  return error.message.some((part) => "key" in part);
}

function templatePart(part: MessagePart): string {
  return "text" in part ? templateText(part.text) : `\${metadata${propertyAccess(part.key)}}`;
}

function printErrorMap(file: TypeScriptFile, pkg: PackageModel): void {
  // export const LEDGER_ERROR_MAP: ErrorMap = defineErrorMap({
  //   domain: "ledger.example.com",
  //   detail: LedgerErrorDetailSchema,
  //   catalog: LedgerErrorCodeSchema,
  //   errors: [ … ],
  file.print``;
  file.comment("", [`The error map of \`${pkg.name}\`: exception → (status, business code, message).`]);
  const type = file.runtime("ErrorMap");
  file.print`${file.export("const", pkg.names.errorMap)}: ${type} = ${file.runtime("defineErrorMap")}({`;
  file.print`  domain:${indented(stringLiteral(pkg.errorDomain))},`;
  if (pkg.errorDetail !== undefined) {
    file.print`  detail: ${file.schema(pkg.errorDetail)},`;
  }
  if (pkg.catalog !== undefined) {
    file.print`  catalog: ${file.schema(pkg.catalog)},`;
  }
  if (pkg.errors.length === 0) {
    file.print`  errors: [],`;
  } else {
    file.print`  errors: [`;
    for (const error of pkg.errors) {
      printEntry(file, error);
    }
    file.print`  ],`;
  }
  //   categories,
  //   imports: () => [PAYMENTS_ERROR_MAP],
  // });
  file.print`  categories,`;
  if (pkg.importedErrorMaps.length > 0) {
    const maps = pkg.importedErrorMaps.map(({ errorMap, path }) => file.generated(errorMap, path));
    file.print`  imports: () => ${brackets(maps)},`;
  }
  file.print`});`;
}

function printEntry(file: TypeScriptFile, error: ErrorModel): void {
  //     {
  //       exception: InsufficientFundsError,
  //       status: Status.FAILED_PRECONDITION,
  //       …
  //     },
  file.print`    {`;
  file.print`      exception: ${error.exception},`;
  file.print`      status: ${file.runtime("Status")}.${error.status},`;
  file.print`      code: ${stringLiteral(error.code)},`;
  file.print`      message:${indented(stringLiteral(error.messageTemplate))},`;
  file.print`      metadata: ${brackets(error.metadata.map(stringLiteral))},`;
  if (error.retryAfterMs !== undefined) {
    file.print`      retryAfterMs: ${numberLiteral(error.retryAfterMs)},`;
  }
  if (error.neverResend) {
    file.print`      neverResend: true,`;
  }
  if (error.docUrl !== undefined) {
    file.print`      docUrl:${indented(stringLiteral(error.docUrl))},`;
  }
  if (error.details.length > 0) {
    file.print`      details: ${brackets(error.details.map(({ message }) => detailSchema(file, message)))},`;
  }
  file.print`    },`;
}

/** A class must be declared before those that extend it. */
function parentsFirst(errors: readonly ErrorModel[]): ReadonlySet<ErrorModel> {
  const ordered = new Set<ErrorModel>();
  for (const error of errors) {
    const lineage: ErrorModel[] = [];
    for (let next: ErrorModel | undefined = error; next !== undefined && !ordered.has(next); next = next.parent) {
      lineage.unshift(next);
    }
    for (const ancestor of lineage) {
      ordered.add(ancestor);
    }
  }
  return ordered;
}
