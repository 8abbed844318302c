import { file_accord_v1_options as OWN } from "@accord-grpc/runtime/accord/v1/options_pb";
import type { DescField, DescFile, DescMessage } from "@bufbuild/protobuf";

/** Whether a file is one that declares the contract language, of whatever version. */
export function isLanguage(file: DescFile): boolean {
  return file.proto.name === OWN.proto.name;
}

/** How another file that declares the contract language differs from this version's. */
export interface LanguageDifference {
  /** What this version has and the other lacks, or has otherwise: `Deployment.image`. */
  readonly missing: readonly string[];
  /** What only the other has. */
  readonly foreign: readonly string[];
}

/** Compares a file that declares the contract language with this version's. Comments don't count. */
export function compareLanguage(other: DescFile): LanguageDifference {
  const own = declarationsOf(OWN);
  const theirs = declarationsOf(other);
  return {
    missing: [...own].filter(([name, shape]) => theirs.get(name) !== shape).map(([name]) => name),
    foreign: [...theirs.keys()].filter((name) => !own.has(name)),
  };
}

/** Everything that can be written or read, by its name in the package, with what it is. */
function declarationsOf(file: DescFile): Map<string, string> {
  const declarations = new Map<string, string>();
  const add = (name: string, shape: string): void => {
    declarations.set(name.slice(file.proto.package.length + 1), shape);
  };
  const addMessage = (message: DescMessage): void => {
    for (const field of message.fields) {
      add(`${message.typeName}.${field.name}`, shapeOf(field));
    }
    message.nestedMessages.forEach(addMessage);
  };
  file.messages.forEach(addMessage);
  for (const enumeration of file.enums) {
    for (const value of enumeration.values) {
      add(`${enumeration.typeName}.${value.name}`, String(value.number));
    }
  }
  for (const extension of file.extensions) {
    add(extension.typeName, `${extension.extendee.typeName} ${shapeOf(extension)}`);
  }
  return declarations;
}

function shapeOf({
  number,
  fieldKind,
  message,
  enum: enumeration,
  scalar,
}: Pick<DescField, "number" | "fieldKind" | "message" | "enum" | "scalar">): string {
  return `${number} ${fieldKind} ${message?.typeName ?? enumeration?.typeName ?? scalar}`;
}
