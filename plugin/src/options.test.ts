import { describe, expect, it } from "vitest";
import { explainOptionError, OptionError, parseOptions } from "./options.js";

const artifactsOf = (parameter: string): string[] => parseOptions(parameter).artifacts.map(({ name }) => name);

describe("artifacts", () => {
  it("are all TypeScript ones and the service config by default", () => {
    expect(artifactsOf("")).toEqual(["errors", "servicer", "client", "channel", "server", "service_config"]);
    expect(artifactsOf("target=ts")).toEqual(artifactsOf(""));
  });

  it("are joined by +, or named one by one", () => {
    expect(artifactsOf("artifacts=client+errors")).toEqual(["errors", "client"]);
    expect(artifactsOf("artifacts=client,target=ts,artifacts=errors+client")).toEqual(["errors", "client"]);
  });

  it.each([
    [
      "artifacts=errors+clients",
      'there is no artifact "clients". Did you mean "client"? There are errors, servicer, client',
    ],
    ["artifacts=everything", 'there is no artifact "everything". There are errors'],
    ["artifacts=", "artifacts= names nothing. There are errors"],
    ["artifacts=errors,client", 'Unknown option "client". Several artifacts are joined by +: artifacts=errors+client.'],
  ])("%s is refused", (parameter, message) => {
    expect(() => parseOptions(parameter)).toThrow(OptionError);
    expect(() => parseOptions(parameter)).toThrow(message);
  });
});

describe("options", () => {
  it("that don't exist are named, with those that do", () => {
    expect(() => parseOptions("tarjet=ts")).toThrow(
      'Unknown option "tarjet". Did you mean "target"? There are artifacts, templates, target, import_extension,',
    );
    expect(() => parseOptions("json_types=true")).toThrow('Unknown option "json_types". There are');
  });

  it("are protoplugin's too", () => {
    const all =
      "target=ts+js,import_extension=js,js_import_style=module,ts_nocheck=true,rewrite_imports=./a:b,map_imports=a/**:b,elide_plugin_version=true,keep_empty_files=true,bootstrap_wkt=false";
    expect(parseOptions(all).targets).toEqual(["ts", "js"]);
  });

  it("have the targets js and dts by default, as protoplugin has", () => {
    expect(parseOptions("").targets).toEqual(["js", "dts"]);
  });

  it.each([
    ["target=js,import_extension=ts", "import_extension=ts and target=js don't go together"],
    ["import_extension=.ts", "import_extension=ts and target=js don't go together"],
    [
      "target=ts,js_import_style=legacy_commonjs",
      "js_import_style=legacy_commonjs is for JavaScript, and target=ts makes none",
    ],
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
