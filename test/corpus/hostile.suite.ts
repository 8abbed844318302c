import { generate } from "@accord-grpc/protoc-gen-accord";
import { afterAll, describe, expect, it } from "vitest";
import { GeneratedFolder } from "./generated-folder.js";
import { corpusNames, requestFor } from "./google-protos.js";
import { compileHostileProtos, isHostile } from "./hostile-protos.js";
import { protocGenEs } from "./protoc-gen-es.js";

const files = compileHostileProtos();
const hostile = files.filter(isHostile).map(({ name }) => name);

async function generateFor(names: readonly string[], parameter: string): Promise<Map<string, string>> {
  const { response } = await generate(requestFor(files, names, parameter));
  expect(response.error).toBe("");
  return new Map(response.file.map(({ name, content }) => [name, content]));
}

describe("hostile protos", () => {
  const folders: GeneratedFolder[] = [];
  const folderFor = (...args: ConstructorParameters<typeof GeneratedFolder>) => {
    const folder = new GeneratedFolder(...args);
    folders.push(folder);
    return folder;
  };
  afterAll(() => {
    for (const folder of folders) {
      folder.remove();
    }
  });

  it("become TypeScript that passes the compiler at its strictest, and biome", async () => {
    const parameter = "target=ts,import_extension=js";
    const folder = folderFor();
    folder.add(await generateFor(hostile, parameter));
    folder.add(await protocGenEs(requestFor(files, corpusNames(files), parameter)));
    expect(await folder.typeErrors()).toEqual([]);
    expect(await folder.biomeComplaints()).toBe("");
  });

  it("become TypeScript without codecs that passes the compiler at its strictest, and biome", async () => {
    const parameter = "target=ts,import_extension=js";
    const folder = folderFor();
    const generated = await generateFor(hostile, `${parameter},codec=reflect`);
    expect([...generated.keys()].filter((path) => /codecs?\.ts$/.test(path))).toEqual([]);
    folder.add(generated);
    folder.add(await protocGenEs(requestFor(files, corpusNames(files), parameter)));
    expect(await folder.typeErrors()).toEqual([]);
    expect(await folder.biomeComplaints()).toBe("");
  });

  it.each([
    ["ts", { allowImportingTsExtensions: true }],
    ["none", { module: "esnext", moduleResolution: "bundler" }],
  ])("import each other for other ways of resolving modules: import_extension=%s", async (extension, options) => {
    const parameter = `target=ts,import_extension=${extension}`;
    const folder = folderFor(options);
    folder.add(await generateFor(hostile, parameter));
    folder.add(await protocGenEs(requestFor(files, corpusNames(files), parameter)));
    expect(await folder.typeErrors()).toEqual([]);
    expect(await folder.biomeComplaints()).toBe("");
  });

  it.each(["module", "legacy_commonjs"])("become JavaScript that loads, and declarations: %s", async (style) => {
    const parameter = `target=js+dts,import_extension=js,js_import_style=${style}`;
    // The compiler takes declarations for a library's.
    const folder = folderFor({ skipLibCheck: false }, style === "module" ? "module" : "commonjs");
    const generated = await generateFor(hostile, parameter);
    folder.add(generated);
    folder.add(await protocGenEs(requestFor(files, corpusNames(files), parameter)));
    expect(await folder.typeErrors()).toEqual([]);
    const modules = [...generated.keys()].filter((path) => path.endsWith(".js"));
    const exported = await folder.exportsOf(modules);
    expect(exported["nest/v1/nest_client.js"]).toEqual(["NestServiceClient"]);
    expect(exported["globals/ours_servicer.js"]).toEqual(["bindBind", "bindBindService", "bindClient", "bindServicer"]);
    expect(modules.filter((path) => exported[path]?.length === 0)).toEqual([]);
    if (style === "module") {
      const withServices = files.filter((file) => isHostile(file) && file.service.length > 0);
      const methods = withServices.flatMap((file) => file.service.flatMap((service) => service.method));
      expect(await folder.callEverything(withServices.map(({ name }) => name.replace(/\.proto$/, "")))).toBe(
        methods.length,
      );
    }
  });

  it.each(["map_imports=google/type/**:@acme/protos", "rewrite_imports=./google/type/**/*_pb.js:@acme/protos"])(
    "import messages from someone else's package: %s",
    async (option) => {
      const folder = folderFor();
      const parameter = "target=ts,import_extension=js";
      const npm = await generateFor(["npm/npm.proto"], `${parameter},${option}`);
      folder.add(npm);
      const google = corpusNames(files).filter((name) => name.startsWith("google/type/"));
      folder.add(await protocGenEs(requestFor(files, google, parameter)), "vendor");
      const own = ["npm/npm.proto", "accord/v1/options.proto"];
      folder.add(
        await protocGenEs(requestFor(files, own, `${parameter},rewrite_imports=./google/type/**/*_pb.js:@acme/protos`)),
      );
      expect(npm.get("npm/npm_servicer.ts")).toContain('from "@acme/protos/google/type/money_pb.js"');
      // Nobody may have generated codecs over there.
      expect(npm.get("npm/v1/codecs.ts")).toContain('from "@acme/protos/google/type/money_pb.js"');
      expect(await folder.typeErrors()).toEqual([]);
      expect(await folder.biomeComplaints()).toBe("");
    },
  );
});
