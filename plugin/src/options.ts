import { lineText, nearest } from "@accord-grpc/runtime/contract";
import { ARTIFACTS, type Artifact, type CodecSource } from "./emit/emitters.js";
import { PLUGIN_NAME } from "./version.js";

/** The plugin's options, as `opt:` in buf.gen.yaml or `--accord_opt` gives them. */
export interface PluginOptions {
  /** What to generate, in the order of {@link ARTIFACTS}. */
  readonly artifacts: readonly Artifact[];
  /** Which kinds of files a TypeScript artifact becomes. */
  readonly targets: readonly Target[];
  readonly codec: CodecSource;
  /** Whether requests are checked by the rules of their protos. */
  readonly validate: boolean;
  /** The folder with the user's own templates. */
  readonly templates: string | undefined;
  /** Proto files, and folders of them, that are neither checked nor generated. */
  readonly exclude: readonly string[];
}

export type Target = "ts" | "js" | "dts";

/** The plugin was called with options that it can't follow. The message is for the one who wrote them. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

interface OptionHelp {
  readonly name: string;
  readonly values: string;
  readonly summary: string;
}

/** The options that there are. All but the first five are protoplugin's, the same that protoc-gen-es has. */
export const OPTIONS: readonly OptionHelp[] = [
  {
    name: "artifacts",
    values: `${ARTIFACTS.map(({ name }) => name).join(", ")}; several joined by +`,
    summary: "what to generate",
  },
  {
    name: "codec",
    values: "static, import, reflect",
    summary:
      "how messages are encoded and decoded: by *_codec.ts files; by those that another entry of buf.gen.yaml generates into the same folder; or by protobuf-es's reflection, without generated code (default: static)",
  },
  {
    name: "validate",
    values: "on, off",
    summary: "whether servicers check requests by the rules of buf.validate in their protos (default: on)",
  },
  {
    name: "templates",
    values: "<folder>",
    summary: "your own templates for k8s and docs, in k8s/ and docs/ of a folder",
  },
  {
    name: "exclude",
    values: "<file or folder>; several joined by +",
    summary: "proto files that are left alone, as the compiler names them: third_party/ledger.proto, third_party",
  },
  { name: "target", values: "ts, js, dts; several joined by +", summary: "which kinds of files (default: js+dts)" },
  { name: "import_extension", values: "none, js, ts", summary: "the extension of relative imports (default: none)" },
  { name: "js_import_style", values: "module, legacy_commonjs", summary: "how JavaScript imports (default: module)" },
  { name: "rewrite_imports", values: "<pattern>:<target>", summary: "changes what is imported from where" },
  { name: "map_imports", values: "<pattern>:<target>", summary: "takes the code of other proto files from a package" },
  { name: "ts_nocheck", values: "true, false", summary: "adds // @ts-nocheck to each file (default: false)" },
  {
    name: "elide_plugin_version",
    values: "true, false",
    summary: "leaves the version out of the files (default: false)",
  },
  {
    name: "keep_empty_files",
    values: "true, false",
    summary: "keeps files that have nothing in them (default: false)",
  },
  // These change what protoc-gen-es declares, and what is generated here goes with each of it. They are taken so that both
  // plugins may be given the same options.
  { name: "erasable_syntax", values: "true, false", summary: "protoc-gen-es's: enums as objects (default: false)" },
  { name: "json_types", values: "true, false", summary: "protoc-gen-es's: types of messages in JSON (default: false)" },
  {
    name: "valid_types",
    values: "legacy_required, protovalidate_required; several joined by +",
    summary: "protoc-gen-es's: types of valid messages",
  },
  { name: "bootstrap_wkt", values: "true, false", summary: "only for the makers of @bufbuild/protobuf" },
];

/**
 * Reads the plugin's parameter. The values of protoplugin's options are protoplugin's to check.
 *
 * @throws {OptionError} if an option or artifact doesn't exist, or options contradict each other
 */
export function parseOptions(parameter: string): PluginOptions {
  let selected: Set<string> | undefined;
  const exclude: string[] = [];
  const values = new Map<string, string>();
  for (const part of parameter.split(",").map((text) => text.trim())) {
    if (part === "") {
      continue;
    }
    if (lineText(part) !== part) {
      throw new OptionError(
        `The option "${lineText(part)}" has a character in it that can't be printed: it would end up in the code.`,
      );
    }
    const [name = "", ...rest] = part.split("=");
    if (!OPTIONS.some((option) => option.name === name)) {
      throw new OptionError(unknownOption(name));
    }
    values.set(name, rest.join("="));
    if (name === "exclude") {
      exclude.push(...excludedPaths(rest.join("=")));
    } else if (name === "artifacts") {
      selected = new Set([...(selected ?? []), ...artifactNames(rest.join("="))]);
    }
  }
  checkProtocGenEsOptions(values);
  const codec = codecSource(values.get("codec"), selected);
  const validate = isOn(values.get("validate"));
  const artifacts = ARTIFACTS.filter(({ name, byDefault }) =>
    name === "codec"
      ? emitsCodecs(codec, selected)
      : name === "validate"
        ? validate && (selected === undefined || selected.has("servicer") || selected.has("validate"))
        : (selected?.has(name) ?? byDefault),
  );
  const targets = (values.get("target")?.split("+") ?? ["js", "dts"]).filter(isTarget);
  checkTargets(targets, values.get("import_extension"));
  return {
    artifacts,
    targets,
    codec,
    validate,
    templates: templateFolder(values.get("templates")),
    exclude,
  };
}

const VALID_TYPES = ["legacy_required", "protovalidate_required"];

/** Checks the options that protoplugin doesn't know of, as protoc-gen-es does. */
function checkProtocGenEsOptions(values: ReadonlyMap<string, string>): void {
  const isBoolean = (value: string): boolean => ["true", "1", "false", "0"].includes(value);
  const isListOfTypes = (value: string): boolean => value.split("+").every((part) => VALID_TYPES.includes(part));
  const checks = { erasable_syntax: isBoolean, json_types: isBoolean, valid_types: isListOfTypes };
  for (const [name, isRight] of Object.entries(checks)) {
    const value = values.get(name);
    if (value !== undefined && !isRight(value)) {
      throw new OptionError(explainOptionError(`invalid option "${name}=${value}"`));
    }
  }
}

const CODEC_SOURCES: readonly CodecSource[] = ["static", "import", "reflect"];

function codecSource(value: string | undefined, selected: ReadonlySet<string> | undefined): CodecSource {
  if (value === undefined) {
    return "static";
  }
  const source = CODEC_SOURCES.find((candidate) => candidate === value);
  if (source === undefined) {
    const what = value === "" ? "codec= names nothing." : `codec=${value} doesn't exist.`;
    throw new OptionError(`${what}${didYouMean(value, CODEC_SOURCES)} There are ${CODEC_SOURCES.join(", ")}.`);
  }
  if (source !== "static" && selected?.has("codec")) {
    const instead = source === "import" ? "another entry generates the codecs" : "there are no codecs to generate";
    throw new OptionError(
      `artifacts=codec and codec=${source} contradict each other: with codec=${source}, ${instead}. Leave one of them out.`,
    );
  }
  return source;
}

function isOn(value = "on"): boolean {
  if (value !== "on" && value !== "off") {
    throw new OptionError(`validate=${value} doesn't exist. There are on, off.`);
  }
  return value === "on";
}

/** Whether `*_codec.ts` are generated: by themselves they are asked for; else servicers and clients bring along what they import. */
function emitsCodecs(codec: CodecSource, selected: ReadonlySet<string> | undefined): boolean {
  return (
    codec === "static" && (selected === undefined || ["servicer", "client", "codec"].some((name) => selected.has(name)))
  );
}

/** Adds what an option takes to protoplugin's message about a value that it doesn't: `invalid option "target=es5"`. */
export function explainOptionError(message: string): string {
  const name = /^invalid option "([a-z_]+)/.exec(message)?.[1];
  const option = OPTIONS.find((candidate) => candidate.name === name);
  return option === undefined ? message : `${message}. ${option.name} takes ${option.values}.`;
}

function templateFolder(value: string | undefined): string | undefined {
  if (value === "") {
    throw new OptionError(
      "templates= names no folder. It takes the path of one, from where the compiler is started: templates=templates.",
    );
  }
  return value;
}

function excludedPaths(value: string): string[] {
  const paths = value.split("+").map((path) => path.trim().replace(/^\.\//, "").replace(/\/+$/, ""));
  if (paths.includes("")) {
    throw new OptionError(
      `exclude=${value} names nothing. It takes proto files and folders as imports name them, joined by +: exclude=third_party.`,
    );
  }
  return paths;
}

/** Whether a proto file is excluded, itself or with its folder. */
export function isExcluded(path: string, exclude: readonly string[]): boolean {
  return exclude.some((excluded) => path === excluded || path.startsWith(`${excluded}/`));
}

function artifactNames(value: string): string[] {
  const names = value.split("+").map((name) => name.trim());
  for (const name of names) {
    if (!ARTIFACTS.some((artifact) => artifact.name === name)) {
      const all = ARTIFACTS.map((artifact) => artifact.name);
      throw new OptionError(
        name === ""
          ? `artifacts= names nothing. There are ${all.join(", ")}; several are joined by +.`
          : `artifacts=${value}: there is no artifact "${name}".${didYouMean(name, all)} There are ${all.join(", ")}; several are joined by +.`,
      );
    }
  }
  return names;
}

function unknownOption(name: string): string {
  if (ARTIFACTS.some((artifact) => artifact.name === name)) {
    return `Unknown option "${name}" of ${PLUGIN_NAME}. Several artifacts are joined by +: artifacts=errors+${name}.`;
  }
  const names = OPTIONS.map((option) => option.name);
  return `Unknown option "${name}" of ${PLUGIN_NAME}.${didYouMean(name, names)} There are ${names.join(", ")}.`;
}

function didYouMean(name: string, names: readonly string[]): string {
  const found = nearest(name, names);
  return found === undefined ? "" : ` Did you mean "${found}"?`;
}

/** `js_import_style` is taken without `js` too: it says nothing then, as for protoc-gen-es. */
function checkTargets(targets: readonly Target[], extension: string | undefined): void {
  if (extension?.replace(".", "") === "ts" && targets.includes("js")) {
    throw new OptionError(
      "import_extension=ts and target=js don't go together: JavaScript can't import .ts files. Use import_extension=js, or target=ts.",
    );
  }
}

function isTarget(text: string): text is Target {
  return text === "ts" || text === "js" || text === "dts";
}
