import { afterAll, expect, it } from "vitest";
import { GeneratedFolder } from "../corpus/generated-folder.js";
import { compileHostileProtos } from "../corpus/hostile-protos.js";
import { readRequest } from "../golden/golden-case.js";
import { bothPlugins, calls, LOGGED_ENUMS, loggedEnums } from "./both-plugins.js";

// Options of protoc-gen-es change what it declares, and what it declares is what Accord's code is compiled against.

const inputs = [compileHostileProtos(), readRequest("ledger").protoFile];

/** How files import each other × what enums are × which types there are besides × where codecs come from. */
const OPTIONS = [
  "target=ts,import_extension=js,erasable_syntax=true",
  "target=ts,import_extension=ts,js_import_style=legacy_commonjs,erasable_syntax=true,json_types=true,valid_types=legacy_required+protovalidate_required",
  "target=ts,import_extension=none,erasable_syntax=1,ts_nocheck=false,elide_plugin_version=true,json_types=true,codec=reflect",
  "target=js+dts,import_extension=js,erasable_syntax=true,valid_types=legacy_required,keep_empty_files=true",
  "target=js+dts,import_extension=js,js_import_style=legacy_commonjs,erasable_syntax=true,json_types=true",
];

const folders: GeneratedFolder[] = [];
function folderFor(...args: ConstructorParameters<typeof GeneratedFolder>): GeneratedFolder {
  const folder = new GeneratedFolder(...args);
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) {
    folder.remove();
  }
});

const COMPILER = {
  allowImportingTsExtensions: true,
  module: "preserve",
  moduleResolution: "bundler",
  skipLibCheck: false,
};

async function typeErrors(options: readonly string[], compiler: object): Promise<string[]> {
  const folder = folderFor({ ...COMPILER, ...compiler });
  for (const [index, parameter] of options.entries()) {
    for (const files of inputs) {
      const generated = await bothPlugins(files, parameter);
      folder.add(new Map([...generated].map(([path, content]) => [`${index}/${path}`, content])));
    }
  }
  return folder.typeErrors();
}

it("code beside enums that are objects passes a compiler that takes only what can be erased", async () => {
  expect(await typeErrors(OPTIONS, { erasableSyntaxOnly: true })).toEqual([]);
});

it("code beside TypeScript's enums passes the compiler", async () => {
  expect(
    await typeErrors(
      OPTIONS.map((options) => options.replace(/,erasable_syntax=\w+/, "")),
      {},
    ),
  ).toEqual([]);
});

it.each(OPTIONS.filter((options) => options.startsWith("target=js")))(
  "what is JavaScript runs, and logs enums by their names: %s",
  async (options) => {
    const isModule = !options.includes("legacy_commonjs");
    const folder = folderFor({}, isModule ? "module" : "commonjs");
    for (const files of inputs) {
      folder.add(await bothPlugins(files, options));
    }
    const { names, methods } = calls(inputs.flat());
    expect(await folder.callEverything(names)).toBe(methods);
    expect(await folder.run(loggedEnums("js"))).toBe(LOGGED_ENUMS);
  },
);
