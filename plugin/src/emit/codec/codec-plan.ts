import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { ContractModel } from "../../model/model.js";
import { packagePaths } from "../../model/package-paths.js";
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
   * @param pkg the package whose generated code wants to know
   */
  find(message: DescMessage, pkg: string): CodecLocation;
}

/** A `*_codec.ts`, or the `codecs.ts` of a package. */
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
  /** The package for which {@link CodecPlan.find} is asked about the messages that this one has in its fields. */
  readonly pkg: string;
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
 * A message of the package itself: in the `*_codec.ts` beside its `*_pb.ts`. Of the well-known types: in the runtime. Any
 * other: in the `codecs.ts` of the package that reaches it, as nobody may have generated a codec where the message comes
 * from. That goes by packages, so that what a run generates for one doesn't depend on which others it has.
 */
export function planCodecs(model: ContractModel): CodecPlan {
  let plan = PLANS.get(model);
  if (plan === undefined) {
    const roots = model.packages.flatMap(({ name, services }) =>
      services.flatMap(({ methods }) =>
        methods.flatMap(({ method }) => [method.input, method.output].map((message) => ({ message, pkg: name }))),
      ),
    );
    plan = planCodecsFor(roots);
    PLANS.set(model, plan);
  }
  return plan;
}

/** Servicers, clients and codecs ask for the same plan. */
const PLANS = new WeakMap<ContractModel, CodecPlan>();

/** A message that is encoded and decoded by generated code of a package. */
export interface CodecRoot {
  readonly message: DescMessage;
  readonly pkg: string;
}

/** The same for messages that are named one by one. */
export function planCodecsFor(
  roots: readonly CodecRoot[],
  isInRuntime: (message: DescMessage) => boolean = hasRuntimeCodec,
): CodecPlan {
  const reached = new Map<string, Reached>();
  const queue: CodecRoot[] = [];
  const reach = (root: CodecRoot, isRoot: boolean): void => {
    const { message, pkg } = root;
    if (isInRuntime(message)) {
      return;
    }
    const path = pathOf(message, pkg);
    const key = `${path}:${message.typeName}`;
    const known = reached.get(key);
    if (known === undefined) {
      reached.set(key, { message, pkg, path, isRoot });
      queue.push(root);
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
        reach({ message, pkg: next.pkg }, false);
      }
    }
  }
  return new Plan([...reached.values()], isInRuntime);
}

interface Reached {
  readonly message: DescMessage;
  readonly pkg: string;
  readonly path: string;
  isRoot: boolean;
}

// Parameters and variables of generated functions. A message called `er` is read by `reader$`.
const LOCAL_NAMES = ["reader", "writer", "message", "end", "tag", "record", "key", "value"];

class Plan implements CodecPlan {
  readonly files: readonly CodecFile[];
  readonly #isInRuntime: (message: DescMessage) => boolean;
  readonly #names = new Map<string, CodecNames>();

  constructor(reached: readonly Reached[], isInRuntime: (message: DescMessage) => boolean) {
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

  find(message: DescMessage, pkg: string): CodecLocation {
    if (this.#isInRuntime(message)) {
      return { names: namesFor(message, new UniqueNames()), path: undefined };
    }
    const path = pathOf(message, pkg);
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
    const messages = items.map(({ message, isRoot, pkg }) => {
      const { names } = this.find(message, pkg);
      return { message, names, entries: entriesOf(message, names, taken), isRoot, pkg };
    });
    return { path, source: sourceOf(items), messages };
  }
}

function sourceOf([first]: readonly Reached[]): Source {
  return first !== undefined && isOwn(first.message, first.pkg)
    ? { file: first.message.file }
    : { package: first?.pkg ?? "" };
}

function isOwn(message: DescMessage, pkg: string): boolean {
  return message.file.proto.package === pkg;
}

function pathOf(message: DescMessage, pkg: string): string {
  return isOwn(message, pkg) ? `${message.file.name}_codec` : packagePaths(pkg).codecs;
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
