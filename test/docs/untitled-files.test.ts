import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { program } from "../../scripts/programs.mjs";

// Protos, YAML, JSON and commands in docs/ that are no whole files, and so have no titles. Those with titles are run by what plays their page.

const ROOT = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "accord-protos-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pages = ["README.md", ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith(".md"),
);

interface Block {
  readonly name: string;
  readonly code: string;
}

function blocksOf(language: string): readonly Block[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return pages.flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(fence)].map(([, code = ""], index) => ({
      name: `${page} ${index + 1}`,
      code,
    })),
  );
}

/** A proto file around a block: what it is a part of is seen from its beginning. */
function protoFile(code: string, index: number): string {
  const imports = code.match(/^import .*;$/gm) ?? [];
  const body = code.replace(/^import .*;\n/gm, "");
  const inMethod = (options: string) =>
    `service S { rpc M(In) returns (Out) {\n${options}} }\nmessage In {}\nmessage Out {}`;
  const methods = [...body.matchAll(/^rpc \w+\((?:stream )?(\w+)\) returns \((\w+)\)/gm)];
  const messages = new Set(methods.flatMap(([, input = "", output = ""]) => [input, output]));
  const whole =
    methods.length > 0
      ? `service S {\n${body}}\n${[...messages].map((name) => `message ${name} {}`).join("\n")}`
      : body.startsWith("option (accord.v1.method)")
        ? inMethod(body)
        : /^[A-Z_]+ = \d+ \[/.test(body)
          ? `enum E {\nE_UNSPECIFIED = 0;\n${body}}`
          : body;
  const all = new Set(['import "accord/v1/options.proto";', ...imports]);
  return `syntax = "proto3";\npackage block${index}.v1;\n${[...all].join("\n")}\n${whole}\n`;
}

it("has protos that compile", () => {
  const blocks = blocksOf("proto");
  expect(blocks.length).toBeGreaterThan(6);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  blocks.forEach(({ code }, index) => {
    write(`blocks/block${index}.proto`, protoFile(code, index));
  });
  // Somebody else's file, which a page annotates.
  const etcd =
    'syntax = "proto3";\npackage etcdserverpb;\nservice KV { rpc Range(R) returns (R); }\nmessage R { bytes key = 1; }\n';
  write("others/etcd/api/etcdserverpb/rpc.proto", etcd);
  const paths = [join(folder, "blocks"), join(folder, "others"), "proto", "plugin/validate-protos"];
  const modules = paths.map((path) => ({ path: path.startsWith("/") ? path.slice(folder.length + 1) : path }));
  for (const name of ["proto", "plugin/validate-protos"]) {
    for (const path of readdirSync(join(ROOT, name), { recursive: true }).map(String)) {
      if (path.endsWith(".proto")) {
        write(join(name, path), readFileSync(join(ROOT, name, path), "utf8"));
      }
    }
  }
  const [file, args] = program("buf", [
    "build",
    "--config",
    JSON.stringify({ version: "v2", modules }),
    "-o",
    "/dev/null",
  ]);
  const { status, stderr } = spawnSync(file, args, { cwd: folder, encoding: "utf8" });
  const told = stderr.replaceAll(/blocks\/block(\d+)\.proto/g, (_, index) => blocks[Number(index)]?.name ?? "?");
  expect({ status, told }).toEqual({ status: 0, told: "" });
});

it("has YAML and JSON that parse", () => {
  const yaml = blocksOf("yaml");
  expect(yaml.length).toBeGreaterThan(6);
  for (const { name, code } of yaml) {
    expect({ name, errors: parseAllDocuments(code).flatMap(({ errors }) => errors) }).toEqual({ name, errors: [] });
  }
  for (const { name, code } of blocksOf("json")) {
    // Some are lines of a log.
    const texts = /^\{.*\}$/m.test(code) ? code.trim().split("\n") : [code];
    for (const text of texts) {
      expect(() => JSON.parse(text), name).not.toThrow();
    }
  }
});

it("has commands that a shell takes, of programs and scripts that there are", () => {
  const scripts = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts as Readonly<
    Record<string, string>
  >;
  const help = spawnSync(...bin("accord", ["--help"]), { encoding: "utf8" }).stdout;
  const blocks = blocksOf("sh");
  expect(blocks.length).toBeGreaterThan(6);
  for (const { name, code } of blocks) {
    expect({ name, ...spawnSync("bash", ["-n"], { input: code, encoding: "utf8" }) }).toMatchObject({
      name,
      status: 0,
      stderr: "",
    });
    for (const [, command = ""] of code.matchAll(/npx accord ([a-z]+)/g)) {
      expect(help, `${name}: accord ${command}`).toContain(command);
    }
    for (const [, script = ""] of code.matchAll(/npm run (?:--silent )?([\w:-]+)/g)) {
      expect(Object.keys(scripts), `${name}: npm run ${script}`).toContain(script);
    }
  }
});

function bin(name: string, args: readonly string[]): [string, string[]] {
  return [process.execPath, [join(ROOT, "plugin/bin", `${name}.cjs`), ...args]];
}
