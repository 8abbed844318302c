import { generate } from "@accord-grpc/protoc-gen-accord";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { allMessages } from "../../codec/all-messages.js";
import { generateCodecs } from "../../codec/generated-codecs.js";
import { proveCodec, withSeed } from "../../codec/prove.js";
import { GeneratedFolder } from "../generated-folder.js";
import { requestFor } from "../google-protos.js";
import { protocGenEs } from "../protoc-gen-es.js";
import type { CompiledSource } from "./compile-source.js";
import { comparePartitions } from "./partitions.js";

/** What became of some protos: a row of the table, with the columns by their headings. */
export interface Row {
  readonly name: string;
  readonly protos: string;
  readonly services: number;
  readonly generates: string;
  readonly "type-checks": string;
  readonly loads: string;
  readonly calls: string;
  readonly codecs: string;
  readonly partitions: string;
  /** What is wrong, a line each. */
  readonly problems: readonly string[];
}

const TS = "target=ts,import_extension=js";
const JS = "target=js,import_extension=js";
/** Random messages of each type, and malformed variants of each message. */
const SEEDS = 2;
const VARIANTS = 2;
/** Of problems of one kind: one tells most. */
const MOST_TOLD = 3;

/** Does with protos what their owner would: generates, compiles, loads and calls; and what a sceptic would. */
export async function checkProtos(name: string, source: CompiledSource): Promise<Row> {
  const problems: string[] = [];
  const files = source.files.filter((file) => source.own.includes(file.name));
  const services = files.flatMap((file) => file.service);
  const tell = (kind: string, lines: readonly string[]): void => {
    problems.push(...lines.slice(0, MOST_TOLD).map((line) => `${kind}: ${line}`));
    if (lines.length > MOST_TOLD) {
      problems.push(`${kind}: and ${lines.length - MOST_TOLD} more`);
    }
  };
  const attempt = async (kind: string, run: () => Promise<string>): Promise<string> => {
    try {
      return await run();
    } catch (error) {
      tell(
        kind,
        (error instanceof Error ? error.message : String(error)).split("\n").filter((line) => line !== ""),
      );
      return "no";
    }
  };
  const folder = new GeneratedFolder();
  try {
    let generated = new Map<string, string>();
    const row = {
      name,
      protos: source.broken.length === 0 ? String(files.length) : `${files.length}, others don't compile`,
      services: services.length,
      generates: await attempt("generates", async () => {
        generated = await filesOf(source, TS);
        return `${generated.size} files`;
      }),
      "type-checks": await attempt("type-checks", async () => {
        folder.add(generated);
        folder.add(await messagesOf(source, TS));
        const errors = await folder.typeErrors();
        tell("type-checks", errors);
        return errors.length === 0 ? "yes" : `${errors.length} errors`;
      }),
      ...(await loadAndCall(source, files, attempt)),
      codecs: await attempt("codecs", async () => compareCodecs(source)),
      partitions: await attempt("partitions", async () => {
        const { cuts, stopped, unaware, differences } = await comparePartitions(source, TS, generated);
        tell("partitions", differences);
        return differences.length > 0
          ? `${differences.length} differ`
          : `${cuts} cuts, ${stopped} stopped, ${unaware} unaware`;
      }),
    };
    return { ...row, problems };
  } finally {
    folder.remove();
  }
}

async function loadAndCall(
  source: CompiledSource,
  files: readonly FileDescriptorProto[],
  attempt: (kind: string, run: () => Promise<string>) => Promise<string>,
): Promise<Pick<Row, "loads" | "calls">> {
  const folder = new GeneratedFolder();
  try {
    let generated = new Map<string, string>();
    const loads = await attempt("loads", async () => {
      generated = await filesOf(source, JS);
      folder.add(generated);
      folder.add(await messagesOf(source, JS));
      const modules = [...generated.keys()].filter((path) => path.endsWith(".js"));
      const exported = await folder.exportsOf(modules);
      return `${Object.keys(exported).length} modules`;
    });
    const calls = await attempt("calls", async () => {
      // Services that the runtime answers by itself have no servicer.
      const served = files.filter((file) => generated.has(`${stemOf(file)}_servicer.js`));
      const methods = served.flatMap((file) => file.service.flatMap(({ method }) => method)).length;
      const answered = methods === 0 ? 0 : await folder.callEverything(served.map(stemOf));
      if (answered !== methods) {
        throw new Error(`${answered} of ${methods} methods answered`);
      }
      return `${methods} methods`;
    });
    return { loads, calls };
  } finally {
    folder.remove();
  }
}

function stemOf({ name }: FileDescriptorProto): string {
  return name.replace(/\.proto$/, "");
}

async function filesOf(source: CompiledSource, parameter: string): Promise<Map<string, string>> {
  const { response } = await generate(requestFor(source.files, source.own, parameter));
  if (response.error !== "") {
    throw new Error(response.error);
  }
  return new Map(response.file.map(({ name, content }) => [name, content]));
}

function messagesOf(source: CompiledSource, parameter: string): Promise<Map<string, string>> {
  const names = source.files.map(({ name }) => name).filter((name) => !name.startsWith("google/protobuf/"));
  return protocGenEs(requestFor(source.files, names, parameter));
}

function compareCodecs(source: CompiledSource): string {
  const linked = generateCodecs(source.files);
  const own = new Set(source.own);
  const messages = allMessages(linked.files).filter(({ message }) => own.has(message.file.proto.name));
  for (const { message } of messages) {
    const generated = linked.find(message);
    for (let seed = 1; seed <= SEEDS; seed++) {
      withSeed(`${message.typeName}, seed ${seed}`, () => proveCodec(generated, seed, VARIANTS));
    }
  }
  return `${messages.length} messages`;
}
