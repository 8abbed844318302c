import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { pythonCommand, requirePython } from "./python.js";

const ROOT = join(import.meta.dirname, "../..");

const configs = readdirSync(join(ROOT, "test/golden"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith("service_config.json"))
  .map((path) => join(ROOT, "test/golden", path));

// What docs/limits.md has Python do with a service config, with each that is generated.
it("takes the timeouts out of a service config, method by method", async (context) => {
  requirePython(context);
  expect(configs.length).toBeGreaterThan(4);
  const [, block = ""] = /^```python\n([\s\S]*?)^```$/m.exec(readFileSync(join(ROOT, "docs/limits.md"), "utf8")) ?? [];
  const program = `import grpc, json\ntarget = "127.0.0.1:1"\n${block}\nprint(json.dumps([timeouts, config]))`;
  for (const path of configs) {
    const { stdout } = await promisify(execFile)(pythonCommand, ["-c", program], { cwd: dirname(path) });
    const [timeouts, config] = JSON.parse(stdout);
    const given = JSON.parse(readFileSync(path, "utf8"));
    const wanted: [string, number | null][] = [];
    for (const { name, timeout } of given.methodConfig ?? []) {
      for (const { service, method } of name) {
        wanted.push([`/${service}/${method}`, timeout === undefined ? null : Number.parseFloat(timeout)]);
      }
    }
    expect(timeouts).toEqual(Object.fromEntries(wanted));
    expect(JSON.stringify(config)).not.toContain('"timeout"');
  }
});
