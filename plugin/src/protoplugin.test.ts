import { spawnSync } from "node:child_process";
import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, SourceCodeInfo_LocationSchema, SourceCodeInfoSchema } from "@bufbuild/protobuf/wkt";
import { createEcmaScriptPlugin, getComments } from "@bufbuild/protoplugin";
import { describe, expect, it } from "vitest";
import { greetRequest } from "./request.fixture.js";

// What protoplugin does by itself, and why the plugin goes around it in places.

describe("protoplugin", () => {
  it("loads a TypeScript compiler, which the plugin's bundle only does where it makes JavaScript", () => {
    // The other half is test/targets/loading.test.ts.
    const script = 'require("@bufbuild/protoplugin"); console.log(Object.keys(require.cache).join("\\n"))';
    const { stdout } = spawnSync(process.execPath, ["-e", script], { cwd: import.meta.dirname, encoding: "utf8" });
    expect(stdout).toMatch(/node_modules\/(@typescript\/vfs|typescript)\//);
  });

  /** What a plugin that generates a JSON and a TypeScript file answers. */
  function generated(parameter: string): string[] {
    const plugin = createEcmaScriptPlugin({
      name: "facts",
      version: "1",
      generateTs: (schema) => {
        schema.generateFile("a.ts").print("export const a = 1;");
        schema.generateFile("a.json").print("{}");
      },
    });
    return plugin.run(greetRequest(parameter)).file.map(({ name }) => name);
  }

  it.each([
    ["", ["a.js", "a.d.ts"]],
    ["target=js+dts", ["a.js", "a.d.ts"]],
    ["target=ts", ["a.ts", "a.json"]],
  ])("with %j, drops what generateTs made unless ts is a target: JSON, too", (parameter, files) => {
    expect(generated(parameter)).toEqual(files);
  });

  it("has no way to answer with an error: a plugin can only throw", () => {
    const plugin = createEcmaScriptPlugin({
      name: "facts",
      version: "1",
      generateTs: () => {
        throw new Error("a diagnostic");
      },
    });
    expect(() => plugin.run(greetRequest("target=ts"))).toThrow("a diagnostic");
  });

  it("looks through all of a file's source info for each comment", () => {
    const request = greetRequest("");
    const [file] = request.protoFile;
    const locations = Array.from({ length: 1_000 }, (_, index) =>
      create(SourceCodeInfo_LocationSchema, { path: [index + 100], span: [index, 0, 1] }),
    );
    const sourceCodeInfo = create(SourceCodeInfoSchema, { location: locations });
    const registry = createFileRegistry(
      create(FileDescriptorSetSchema, { file: file === undefined ? [] : [{ ...file, sourceCodeInfo }] }),
    );
    const message = registry.getMessage("greet.v1.GreetRequest");
    if (message === undefined) {
      expect.unreachable("there is no such message");
    }
    let looks = 0;
    for (const location of message.file.proto.sourceCodeInfo?.location ?? []) {
      const { path } = location;
      Object.defineProperty(location, "path", {
        get: () => {
          looks += 1;
          return path;
        },
      });
    }
    getComments(message);
    // The plugin's own look-up is made once for each file: read/source-index.test.ts.
    expect(looks).toBeGreaterThanOrEqual(1_000);
  });
});
