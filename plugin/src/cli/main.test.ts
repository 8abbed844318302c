import { describe, expect, it } from "vitest";
import { VERSION } from "../version.js";
import { accord } from "./cli.fixture.js";
import { COMMANDS } from "./main.js";

describe("accord", () => {
  it.each([[[]], [["--help"]], [["-h"]], [["help"]]])("shows its help: %j", async (argv) => {
    const { code, stdout, stderr } = await accord(argv);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +${summary}$`, "m"));
    }
    expect(stderr).toBe("");
  });

  it.each(["--version", "-V", "-v"])("shows its version: %s", async (option) => {
    expect(await accord([option])).toEqual({ code: 0, stdout: `accord ${VERSION}\n`, stderr: "" });
  });

  it.each([
    ["explan", 'There is no command "explan". Did you mean accord explain?'],
    ["sca", 'There is no command "sca". Did you mean accord scaffold?'],
    ["qqqqqq", 'There is no command "qqqqqq". There are init, lint, '],
    ["--verbose", "There is no option --verbose. There are init, lint, "],
  ])("tells of %s that there is none", async (name, message) => {
    const { code, stdout, stderr } = await accord([name]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.startsWith(`accord: ${message}`)).toBe(true);
  });
});

describe.each(COMMANDS.map((command) => [command.name, command] as const))("accord %s", (name, command) => {
  it.each([[[name, "--help"]], [[name, "x", "y", "--nope", "-h"]], [["help", name]]])(
    "shows its help, with options and examples: %j",
    async (argv) => {
      const { code, stdout } = await accord(argv);
      expect(code).toBe(0);
      for (const option of command.options) {
        expect(stdout).toContain(`--${option.name}`);
      }
      for (const example of command.examples) {
        expect(stdout).toContain(`  ${example.command}\n`);
        expect(example.command).toMatch(new RegExp(`\\baccord ${name}\\b`));
      }
      expect(command.examples.length).toBeGreaterThan(1);
    },
  );

  it("tells of options that there aren't", async () => {
    const { code, stderr } = await accord([name, "--no-colour"]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `accord: accord ${name} has no option --no-colour. Did you mean --no-color? See accord ${name} --help.\n`,
    );
    expect((await accord([name, "-q"])).stderr).toContain(`has no option -q.`);
  });

  it("tells of too many arguments", async () => {
    const { code, stderr } = await accord([name, "a", "b"]);
    expect(code).toBe(2);
    expect(stderr).toContain(`but there is also "${command.positionals.length === 0 ? "a" : "b"}"`);
  });

  it("tells of switches with values and options without", async () => {
    expect((await accord([name, "--color=yes"])).stderr).toContain("--color is a switch and takes no value.");
    const withValue = command.options.find(({ value }) => value !== undefined);
    if (withValue !== undefined) {
      expect((await accord([name, `--${withValue.name}`])).stderr).toContain(
        `--${withValue.name} needs a value: --${withValue.name} ${withValue.value}.`,
      );
    }
  });
});
