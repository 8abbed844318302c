import type { DescExtension, DescFile, DescMessage } from "@bufbuild/protobuf";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** Files and all that they import, by what reflection asks for. */
export class DescriptorIndex {
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();
  readonly #extensions = new Map<string, Map<number, DescFile>>();
  readonly #encoded = new Map<DescFile, Uint8Array>();

  /** @param files of two with the same name, the first counts */
  constructor(files: Iterable<DescFile>) {
    for (const file of files) {
      this.#addFile(file);
    }
  }

  /** By name as it is imported: `ledger/v1/ledger.proto`. */
  file(name: string): DescFile | undefined {
    return this.#files.get(name);
  }

  /** The file that defines a message, field, enum, value, service, method or extension, by its full name. */
  fileOfSymbol(symbol: string): DescFile | undefined {
    return this.#symbols.get(symbol);
  }

  fileOfExtension(extendee: string, number: number): DescFile | undefined {
    return this.#extensions.get(extendee)?.get(number);
  }

  /** The numbers of the extensions of a message; `undefined` if there is no such message. */
  extensionNumbers(extendee: string): number[] | undefined {
    const numbers = this.#extensions.get(extendee);
    return numbers === undefined && !this.#symbols.has(extendee) ? undefined : [...(numbers?.keys() ?? [])];
  }

  /** Encoded as a `FileDescriptorProto`. */
  encode(file: DescFile): Uint8Array {
    let encoded = this.#encoded.get(file);
    if (encoded === undefined) {
      encoded = toBinary(FileDescriptorProtoSchema, file.proto);
      this.#encoded.set(file, encoded);
    }
    return encoded;
  }

  #addFile(file: DescFile): void {
    if (this.#files.has(file.proto.name)) {
      return;
    }
    this.#files.set(file.proto.name, file);
    for (const message of file.messages) {
      this.#addMessage(message, file);
    }
    for (const declared of file.enums) {
      this.#addEnum(declared, file);
    }
    for (const extension of file.extensions) {
      this.#addExtension(extension, file);
    }
    for (const service of file.services) {
      this.#symbols.set(service.typeName, file);
      for (const method of service.methods) {
        this.#symbols.set(`${service.typeName}.${method.name}`, file);
      }
    }
    file.dependencies.forEach((dependency) => {
      this.#addFile(dependency);
    });
  }

  #addMessage(message: DescMessage, file: DescFile): void {
    this.#symbols.set(message.typeName, file);
    for (const member of [...message.fields, ...message.oneofs]) {
      this.#symbols.set(`${message.typeName}.${member.name}`, file);
    }
    for (const nested of message.nestedMessages) {
      this.#addMessage(nested, file);
    }
    for (const nested of message.nestedEnums) {
      this.#addEnum(nested, file);
    }
    for (const nested of message.nestedExtensions) {
      this.#addExtension(nested, file);
    }
  }

  #addEnum(declared: DescFile["enums"][number], file: DescFile): void {
    this.#symbols.set(declared.typeName, file);
    // A value's full name is its sibling's, not its child's, as in C++.
    const scope = declared.typeName.slice(0, declared.typeName.lastIndexOf(".") + 1);
    for (const value of declared.values) {
      this.#symbols.set(scope + value.name, file);
    }
  }

  #addExtension(extension: DescExtension, file: DescFile): void {
    this.#symbols.set(extension.typeName, file);
    const numbers = this.#extensions.get(extension.extendee.typeName) ?? new Map<number, DescFile>();
    numbers.set(extension.number, file);
    this.#extensions.set(extension.extendee.typeName, numbers);
  }
}
