import type * as Yaml from "yaml";

/** `yaml`, which nobody needs but who reads a scenario file. */
export type YamlLibrary = Pick<
  typeof Yaml,
  "LineCounter" | "isAlias" | "isMap" | "isScalar" | "isSeq" | "parseDocument"
>;

/** @throws {Error} saying what to install, if it isn't there */
export async function loadYaml(): Promise<YamlLibrary> {
  try {
    return await import("yaml");
  } catch (cause) {
    throw new Error(
      "Can't read the scenario: it needs the package yaml, which can't be loaded. Install it: npm install --save-dev yaml",
      { cause },
    );
  }
}
