import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { readRequest } from "../golden/golden-case.js";

// Starting up is most of what a developer waits for. Uses the command as it was built last.

const command = fileURLToPath(new URL("../../plugin/bin/protoc-gen-accord.cjs", import.meta.url));
const tellLoaded = fileURLToPath(new URL("tell-loaded.cjs", import.meta.url));

it.each([
  { options: "target=ts", packages: [] },
  { options: "target=ts,artifacts=errors+servicer+client+codec+channel+server+service_config", packages: [] },
  { options: "target=js+dts,artifacts=service_config", packages: [] },
  { options: "target=js+dts", packages: ["ts-morph"] },
  { options: "target=ts,artifacts=k8s", packages: ["handlebars"] },
  { options: "target=ts,artifacts=docs", packages: ["handlebars"], bundle: "dist/bin/comment-markdown.cjs" },
])("loads its bundle, and what a run needs: $options", ({ options, packages, bundle }) => {
  const request = toBinary(CodeGeneratorRequestSchema, { ...readRequest("unannotated"), parameter: options });
  const { status, stderr } = spawnSync(process.execPath, ["--require", tellLoaded, command], { input: request });
  const loaded: string[] = JSON.parse(stderr.toString().split("\n").at(-1) ?? "");
  expect(status).toBe(0);
  expect(loaded.filter((path) => !path.includes("node_modules")).map((path) => path.split("/plugin/").at(-1))).toEqual([
    "bin/protoc-gen-accord.cjs",
    "dist/bin/protoc-gen-accord.cjs",
    ...(bundle === undefined ? [] : [bundle]),
  ]);
  const direct = ["ts-morph", "handlebars", "typescript", "@bufbuild", "micromark", "mdast-util-from-markdown"];
  expect(direct.filter((name) => loaded.some((path) => path.includes(`node_modules/${name}/`)))).toEqual(packages);
});
