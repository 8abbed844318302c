import { describe, expect, it } from "vitest";
import { explainOptionError, isExcluded, OptionError, parseOptions } from "./options.js";

const artifactsOf = (parameter: string): string[] => parseOptions(parameter).artifacts.map(({ name }) => name);

describe("artifacts", () => {
  it("are all TypeScript ones and the service config by default", () => {
    expect(artifactsOf("")).toEqual([
      "errors",
      "servicer",
      "client",
      "codec",
      "validate",
      "channel",
      "server",
      "service_config",
    ]);
    expect(artifactsOf("target=ts")).toEqual(artifactsOf(""));
  });

  it("are joined by +, or named one by one", () => {
    expect(artifactsOf("artifacts=channel+errors")).toEqual(["errors", "channel"]);
    expect(artifactsOf("artifacts=channel,target=ts,artifacts=errors+channel")).toEqual(["errors", "channel"]);
  });

  it.each([
    [
      "artifacts=errors+clients",
      'there is no artifact "clients". Did you mean "client"? There are errors, servicer, client',
    ],
    ["artifacts=everything", 'there is no artifact "everything". There are errors'],
    ["artifacts=", "artifacts= names nothing. There are errors"],
    [
      "artifacts=errors,client",
      'Unknown option "client" of protoc-gen-accord. Several artifacts are joined by +: artifacts=errors+client.',
    ],
  ])("%s is refused", (parameter, message) => {
    expect(() => parseOptions(parameter)).toThrow(OptionError);
    expect(() => parseOptions(parameter)).toThrow(message);
  });
});

describe("codec", () => {
  it("is static by default: servicers and clients bring their codecs along", () => {
    expect(parseOptions("").codec).toBe("static");
    expect(artifactsOf("artifacts=servicer")).toEqual(["servicer", "codec", "validate"]);
    expect(artifactsOf("artifacts=errors+client,codec=static")).toEqual(["errors", "client", "codec"]);
    expect(artifactsOf("artifacts=errors+channel")).toEqual(["errors", "channel"]);
    expect(artifactsOf("artifacts=codec")).toEqual(["codec"]);
  });

  it.each(["import", "reflect"])("%s generates no codecs", (codec) => {
    expect(parseOptions(`codec=${codec}`).codec).toBe(codec);
    expect(artifactsOf(`codec=${codec}`)).toEqual(artifactsOf("").filter((name) => name !== "codec"));
    expect(artifactsOf(`artifacts=client,codec=${codec}`)).toEqual(["client"]);
  });

  it.each([
    ["codec=reflection", 'codec=reflection doesn\'t exist. Did you mean "reflect"? There are static, import, reflect.'],
    ["codec=fast", "codec=fast doesn't exist. There are static, import, reflect."],
    ["codec=", "codec= names nothing. There are static, import, reflect."],
    [
      "artifacts=codec,codec=import",
      "artifacts=codec and codec=import contradict each other: with codec=import, another entry generates the codecs.",
    ],
    [
      "codec=reflect,artifacts=client+codec",
      "artifacts=codec and codec=reflect contradict each other: with codec=reflect, there are no codecs to generate.",
    ],
    ["codek=static", 'Unknown option "codek" of protoc-gen-accord. Did you mean "codec"?'],
  ])("%s is refused", (parameter, message) => {
    expect(() => parseOptions(parameter)).toThrow(OptionError);
    expect(() => parseOptions(parameter)).toThrow(message);
  });
});

describe("validate", () => {
  it("is on by default: servicers bring their checks along, and clients don't", () => {
    expect(artifactsOf("artifacts=servicer,codec=reflect")).toEqual(["servicer", "validate"]);
    expect(artifactsOf("artifacts=client+validate,codec=reflect")).toEqual(["client", "validate"]);
    expect(artifactsOf("artifacts=client,codec=reflect")).toEqual(["client"]);
    expect(artifactsOf("validate=off")).toEqual(artifactsOf("").filter((name) => name !== "validate"));
  });

  it.each(["validate=no", "validate="])("%s is refused", (parameter) => {
    expect(() => parseOptions(parameter)).toThrow(OptionError);
    expect(() => parseOptions(parameter)).toThrow("There are on, off.");
  });
});

describe("options", () => {
  it("that don't exist are named, with those that do", () => {
    expect(() => parseOptions("tarjet=ts")).toThrow(
      'Unknown option "tarjet" of protoc-gen-accord. Did you mean "target"? There are artifacts, codec, validate, templates, exclude, target,',
    );
    expect(() => parseOptions("json_typed=true")).toThrow(
      'Unknown option "json_typed" of protoc-gen-accord. Did you mean "json_types"?',
    );
    expect(() => parseOptions("jason=true")).toThrow('Unknown option "jason" of protoc-gen-accord. There are');
  });

  it("are protoplugin's too", () => {
    const all =
      "target=ts+js,import_extension=js,js_import_style=module,ts_nocheck=true,rewrite_imports=./a:b,map_imports=a/**:b,elide_plugin_version=true,keep_empty_files=true,bootstrap_wkt=false";
    expect(parseOptions(all).targets).toEqual(["ts", "js"]);
  });

  it.each(["ts", "dts", "ts+dts"])("take a style for JavaScript beside target=%s, as protoc-gen-es does", (target) => {
    expect(parseOptions(`target=${target},js_import_style=legacy_commonjs`).targets).toEqual(target.split("+"));
  });

  it("have the targets js and dts by default, as protoplugin has", () => {
    expect(parseOptions("").targets).toEqual(["js", "dts"]);
  });

  it.each([
    ["target=js,import_extension=ts", "import_extension=ts and target=js don't go together"],
    ["import_extension=.ts", "import_extension=ts and target=js don't go together"],
  ])("that contradict each other are refused: %s", (parameter, message) => {
    expect(() => parseOptions(parameter)).toThrow(message);
  });
});

describe("explainOptionError", () => {
  it("says what an option takes", () => {
    expect(explainOptionError('invalid option "target=es5"')).toBe(
      'invalid option "target=es5". target takes ts, js, dts; several joined by +.',
    );
  });

  it("leaves other messages alone", () => {
    expect(explainOptionError("files_to_generate missing")).toBe("files_to_generate missing");
  });
});

describe("protoc-gen-es's own options", () => {
  it.each([
    "erasable_syntax=true",
    "erasable_syntax=0",
    "json_types=1",
    "valid_types=legacy_required",
    "valid_types=legacy_required+protovalidate_required",
  ])("%s is taken", (parameter) => {
    expect(parseOptions(parameter)).toEqual(parseOptions(""));
  });

  it.each([
    ["erasable_syntax=yes", "erasable_syntax takes true, false."],
    ["erasable_syntax", "erasable_syntax takes true, false."],
    ["json_types=", "json_types takes true, false."],
    ["valid_types=required", "valid_types takes legacy_required, protovalidate_required; several joined by +."],
  ])("%s is refused as protoc-gen-es refuses it", (parameter, message) => {
    expect(() => parseOptions(parameter)).toThrow(OptionError);
    expect(() => parseOptions(parameter)).toThrow(message);
  });
});

describe("exclude", () => {
  it("names files and folders, joined by + or one by one", () => {
    const { exclude } = parseOptions("exclude=./third_party/+a/b.proto,exclude=c");
    expect(exclude).toEqual(["third_party", "a/b.proto", "c"]);
    const excluded = [
      "third_party/x/y.proto",
      "a/b.proto",
      "c/d.proto",
      "third_party.proto",
      "a/b.proto2",
      "cc/d.proto",
    ];
    expect(excluded.map((path) => isExcluded(path, exclude))).toEqual([true, true, true, false, false, false]);
  });

  it.each(["exclude=", "exclude=a+", "exclude=/"])("%s is refused", (parameter) => {
    expect(() => parseOptions(parameter)).toThrow("names nothing. It takes proto files and folders");
  });
});
