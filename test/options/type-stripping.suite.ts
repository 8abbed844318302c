import { afterAll, describe, expect, it } from "vitest";
import { GeneratedFolder } from "../corpus/generated-folder.js";
import { compileHostileProtos } from "../corpus/hostile-protos.js";
import { readRequest } from "../golden/golden-case.js";
import { bothPlugins, calls, LOGGED_ENUMS, loggedEnums } from "./both-plugins.js";
import { installTools } from "./newest-tools.js";

// Node 24 runs TypeScript by leaving out its types: nothing is built. So does what protoc-gen-es 2.17 generates, if its enums are
// objects.

const tools = await installTools();
if ("missing" in tools) {
  console.log(`Type stripping isn't tested: ${tools.missing}`);
}

const inputs = [compileHostileProtos(), readRequest("ledger").protoFile];

describe.skipIf("missing" in tools)("Node 24, without a build", () => {
  const folders: GeneratedFolder[] = [];
  afterAll(() => {
    for (const folder of folders) {
      folder.remove();
    }
  });

  it.each([
    "target=ts,import_extension=ts,erasable_syntax=true",
    "target=ts,import_extension=ts,erasable_syntax=true,json_types=true,valid_types=legacy_required+protovalidate_required",
    "target=ts,import_extension=ts,erasable_syntax=true,codec=reflect",
  ])("serves and calls every method, and logs enums by their names: %s", async (options) => {
    if ("missing" in tools) {
      return;
    }
    const folder = new GeneratedFolder();
    folders.push(folder);
    for (const files of inputs) {
      folder.add(await bothPlugins(files, options, [tools.node, tools.protocGenEs]));
    }
    const { names, methods } = calls(inputs.flat());
    expect(await folder.callEverything(names, "ts", tools.node)).toBe(methods);
    expect(await folder.run(loggedEnums("ts"), tools.node)).toBe(LOGGED_ENUMS);
  });
});
