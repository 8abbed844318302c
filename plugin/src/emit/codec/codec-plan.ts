import type { DescField, DescFile, DescMessage } from "@bufbuild/protobuf";
import type { ContractModel } from "../../model/model.js";
import { UniqueNames } from "../../model/unique-names.js";
import type { Source } from "../header.js";
import { hasRuntimeCodec } from "./well-known.js";

/** Where the codecs of all messages live that the services of a request reach. */
export interface CodecPlan {
  /** The files to generate, sorted by path. */
  readonly files: readonly CodecFile[];
  /**
   * Where to find what encodes and decodes a message.
   *
   * @param from the proto file whose generated code wants to know, or whose messages are reached
   */
  find(message: DescMessage, from: DescFile): CodecLocation;
}

/** A `*_codec.ts`, or the `codecs.ts` of a directory. */
export interface CodecFile {
  /** Relative to the output folder, without extension: `ledger/v1/ledger_codec`. */
  readonly path: string;
  readonly source: Source;
  readonly messages: readonly CodecMessage[];
}

/** A message in the file that its codec is generated into. */
export interface CodecMessage {
  readonly message: DescMessage;
  readonly names: CodecNames;
  /** The functions for the entries of its maps. */
  readonly entries: ReadonlyMap<DescField, EntryNames>;
  /** Whether methods take or return it. Otherwise nobody asks for its codec, only for its functions. */
  readonly isRoot: boolean;
  /** The proto file for which {@link CodecPlan.find} is asked about the messages that this one has in its fields. */
  readonly home: DescFile;
}

/** Names of the functions that read and write the entries of a map. */
export type EntryNames = Pick<CodecNames, "read" | "write">;

/** Names that a message has in the file of its codec. */
export interface CodecNames {
  /** `TransferRequestCodec` */
  readonly codec: string;
  /** `readTransferRequest` */
  readonly read: string;
  /** `writeTransferRequest` */
  readonly write: string;
  /** `newTransferRequest`, for messages with a prototype. */
  readonly create: string;
  /** `TransferRequestPrototype` */
  readonly prototype: string;
}

/** Where generated code imports a codec from. */
export interface CodecLocation {
  readonly names: CodecNames;
  /** The path of the file, without extension. Undefined: the runtime has it. */
  readonly path: string | undefined;
}

/**
 * Finds the messages that services reach, directly or through fields, and decides where their codecs live.
 *
 * A message of a file that is generated in the same run, from the same directory: in the `*_codec.ts` beside its `*_pb.ts`.
 * Of the well-known types: in the runtime. Any other: in the `codecs.ts` of the directory whose messages reach it, as nobody
 * may have generated a codec where the message comes from. That goes by directories, so that a run over all of them and one
 * over each (buf's `strategy`, or a `--path`) generate the same.
 */
export function planCodecs(model: ContractModel, isGenerated: (file: DescFile) => boolean): CodecPlan {
  let plan = PLANS.get(model);
  if (plan === undefined) {
    const roots = model.packages.flatMap(({ files }) =>
      files.flatMap(({ file, services }) =>
        services.flatMap(({ methods }) =>
          methods.flatMap(({ method }) => [method.input, method.output].map((message) => ({ message, from: file }))),
        ),
      ),
    );
    plan = planCodecsFor(roots, isGenerated);
    PLANS.set(model, plan);
  }
  return plan;
}

/** Servicers, clients and codecs ask for the same plan. A model belongs to one run, and so to one set of generated files. */
const PLANS = new WeakMap<ContractModel, CodecPlan>();

/** A message that is encoded and decoded by generated code of a proto file. */
export interface CodecRoot {
  readonly message: DescMessage;
  readonly from: DescFile;
}

/** The same for messages that are named one by one. */
export function planCodecsFor(
  roots: readonly CodecRoot[],
  isGenerated: (file: DescFile) => boolean,
  isInRuntime: (message: DescMessage) => boolean = hasRuntimeCodec,
): CodecPlan {
  const reached = new Map<string, Reached>();
  const queue: CodecRoot[] = [];
  const reach = (root: CodecRoot, isRoot: boolean): void => {
    const { message, from } = root;
    if (isInRuntime(message)) {
      return;
    }
    const home = homeOf(message, from, isGenerated);
    const path = pathOf(message, home);
    const key = `${path}:${message.typeName}`;
    const known = reached.get(key);
    if (known === undefined) {
      reached.set(key, { message, home, path, isRoot });
      queue.push({ message, from: home });
    } else {
      known.isRoot ||= isRoot;
    }
  };
  for (const root of roots) {
    reach(root, true);
  }
  // It grows while it is gone through.
  for (const next of queue) {
    for (const { message } of next.message.fields) {
      if (message !== undefined) {
        reach({ message, from: next.from }, false);
      }
    }
  }
  return new Plan([...reached.values()], isGenerated, isInRuntime);
}

interface Reached {
  readonly message: DescMessage;
  readonly home: DescFile;
  readonly path: string;
  isRoot: boolean;
}

// Parameters and variables of generated functions. A message called `er` is read by `reader$`.
const LOCAL_NAMES = ["reader", "writer", "message", "end", "tag", "record", "key", "value"];

class Plan implements CodecPlan {
  readonly files: readonly CodecFile[];
  readonly #isGenerated: (file: DescFile) => boolean;
  readonly #isInRuntime: (message: DescMessage) => boolean;
  readonly #names = new Map<string, CodecNames>();

  constructor(
    reached: readonly Reached[],
    isGenerated: (file: DescFile) => boolean,
    isInRuntime: (message: DescMessage) => boolean,
  ) {
    this.#isGenerated = isGenerated;
    this.#isInRuntime = isInRuntime;
    const files = new Map<string, Reached[]>();
    for (const item of reached) {
      const items = files.get(item.path) ?? [];
      files.set(item.path, items);
      items.push(item);
    }
    this.files = [...files]
      .sort(([a], [b]) => compareText(a, b))
      .map(([path, items]) => this.#file(path, [...items].sort(compareReached)));
  }

  find(message: DescMessage, from: DescFile): CodecLocation {
    if (this.#isInRuntime(message)) {
      return { names: namesFor(message, new UniqueNames()), path: undefined };
    }
    const path = pathOf(message, homeOf(message, from, this.#isGenerated));
    const names = this.#names.get(`${path}:${message.typeName}`);
    if (names === undefined) {
      throw new Error(`No codec was planned for ${message} in ${path}`);
    }
    return { names, path };
  }

  #file(path: string, items: readonly Reached[]): CodecFile {
    const taken = new UniqueNames();
    for (const name of LOCAL_NAMES) {
      taken.claim(name);
    }
    for (const { message } of items) {
      this.#names.set(`${path}:${message.typeName}`, namesFor(message, taken));
    }
    // Names of messages come first: other files ask for them.
    const messages = items.map(({ message, isRoot, home }) => {
      const { names } = this.find(message, home);
      return { message, names, entries: entriesOf(message, names, taken), isRoot, home };
    });
    return { path, source: sourceOf(path, items), messages };
  }
}

function sourceOf(path: string, items: readonly Reached[]): Source {
  const own = items.find(({ message, home }) => message.file === home && path === pathOf(message, home));
  if (own !== undefined && own.path === `${own.home.name}_codec`) {
    return { file: own.home };
  }
  const packages = items.map(({ home }) => home.proto.package).sort(compareText);
  return { package: packages[0] ?? "" };
}

function homeOf(message: DescMessage, from: DescFile, isGenerated: (file: DescFile) => boolean): DescFile {
  const { file } = message;
  return directoryOf(file) === directoryOf(from) && isGenerated(file) ? file : from;
}

function pathOf(message: DescMessage, home: DescFile): string {
  return message.file === home ? `${home.name}_codec` : `${directoryOf(home)}codecs`;
}

/** With a slash at the end, unless it is the root. */
function directoryOf(file: DescFile): string {
  return file.name.slice(0, file.name.lastIndexOf("/") + 1);
}

function namesFor(message: DescMessage, taken: UniqueNames): CodecNames {
  const name = localName(message);
  return {
    codec: taken.claim(`${name}Codec`),
    read: taken.claim(`read${name}`),
    write: taken.claim(`write${name}`),
    create: taken.claim(`new${name}`),
    prototype: taken.claim(`${name}Prototype`),
  };
}

function entriesOf(message: DescMessage, names: CodecNames, taken: UniqueNames): Map<DescField, EntryNames> {
  const entries = new Map<DescField, EntryNames>();
  for (const field of message.fields) {
    if (field.fieldKind === "map") {
      const suffix = `_${field.localName}Entry`;
      const [read, write] = [taken.claim(`${names.read}${suffix}`), taken.claim(`${names.write}${suffix}`)];
      entries.set(field, { read, write });
    }
  }
  return entries;
}

/** The functions for the entries of a map. */
export function entryNames(codec: CodecMessage, field: DescField): EntryNames {
  const names = codec.entries.get(field);
  if (names === undefined) {
    throw new Error(`${field} is no map`);
  }
  return names;
}

/** `Outer_Inner`, as protobuf-es names it. */
function localName(message: DescMessage): string {
  const { package: packageName } = message.file.proto;
  const name = packageName === "" ? message.typeName : message.typeName.slice(packageName.length + 1);
  return name.replaceAll(".", "_");
}

// In the order in which they are declared, which a reader knows from the proto.
function compareReached(a: Reached, b: Reached): number {
  return compareText(a.message.file.name, b.message.file.name) || compareDeclaration(a.message, b.message);
}

function compareDeclaration(a: DescMessage, b: DescMessage): number {
  const [pathA, pathB] = [declarationPath(a), declarationPath(b)];
  for (let index = 0; index < Math.min(pathA.length, pathB.length); index++) {
    const order = (pathA[index] ?? 0) - (pathB[index] ?? 0);
    if (order !== 0) {
      return order;
    }
  }
  return pathA.length - pathB.length;
}

function declarationPath(message: DescMessage): number[] {
  const { parent } = message;
  return parent === undefined
    ? [message.file.messages.indexOf(message)]
    : [...declarationPath(parent), parent.nestedMessages.indexOf(message)];
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
