import { beforeAll, describe, expect, it } from "vitest";
import { loadTemplateEngine, type TemplateEngine } from "./template-engine.js";
import type { TemplateSource } from "./template-folder.js";

let engine: TemplateEngine;
beforeAll(async () => {
  engine = await loadTemplateEngine();
});

function source(text: string, name = "a.yaml"): TemplateSource {
  return { name, file: `my/k8s/${name}.hbs`, text };
}

function render(text: string, view: object, ...partials: TemplateSource[]): string {
  return (
    engine
      .compile([...partials, source(text)])
      .map((template) => template.render(view))
      .join() ?? ""
  );
}

describe("a template", () => {
  it("prints values through json, unescaped", () => {
    expect(render("name: {{json name}}\n", { name: 'a"<&>\n' })).toBe('name: "a\\"<&>\\n"\n');
  });

  it("has loops, presence checks and partials", () => {
    const labels = source("{{#each labels}}\n{{@key}}: {{json this}}\n{{/each}}\n", "_labels.yaml");
    const text = "labels:\n  {{> labels}}\n{{#if replicas}}\nreplicas: {{json replicas}}\n{{/if}}\n";
    expect(render(text, { labels: { app: "ledger" }, replicas: undefined }, labels)).toBe('labels:\n  app: "ledger"\n');
    expect(render(text, { labels: {}, replicas: 3 }, labels)).toBe("labels:\nreplicas: 3\n");
  });

  it("is its own environment: another artifact's partials aren't there", () => {
    engine.compile([source("x", "_mine.yaml")]);
    expect(() => render("{{> mine}}", {})).toThrow("my/k8s/a.yaml.hbs:1:1: error TEMPLATE: The partial mine could not");
  });

  it("may render nothing", () => {
    expect(render("{{#if absent}}x{{/if}}\n\n", {})).toBe("");
  });
});

describe("a failing template", () => {
  const cases: readonly [name: string, text: string, message: string][] = [
    ["a value that isn't there", "a:\n  b: {{nam}}\n", 'my/k8s/a.yaml.hbs:2:6: error TEMPLATE: there is no "nam" here'],
    [
      "a value for json that isn't there",
      "\n{{json nam}}",
      '2:1: error TEMPLATE: "json" was given something that isn\'t',
    ],
    ["json without a value", "\n\n{{json}}", '3:1: error TEMPLATE: "json" was given 0 values instead of one'],
    [
      "a path through what isn't there",
      "\nx {{json a.b.c}}",
      '2:3: error TEMPLATE: "b" is read of something that isn\'t defined.',
    ],
    ["a part of a plain value", "\nx {{name.first}}", '2:3: error TEMPLATE: "first" is read of a plain value'],
    ["a helper that isn't there", "\n {{yaml name}}", '2:2: error TEMPLATE: there is no "yaml" here'],
    ["a list that isn't there", "\n{{#each nams}}{{/each}}", '2:1: error TEMPLATE: "each" was given something'],
    [
      "a failure within blocks",
      "{{#if name}}\n{{#each list}}\n  {{nam}}\n{{/each}}{{/if}}",
      'hbs:3:3: error TEMPLATE: there is no "nam"',
    ],
    ["a failure in an else", "{{#if absent}}\n{{else}}\n{{nam}}{{/if}}", "hbs:3:1: error"],
    ["an open block", "\n{{#if name}}\n", "my/k8s/a.yaml.hbs:3: error TEMPLATE: it can't be parsed"],
    [
      "blocks that cross",
      "\n{{#if name}}{{/each}}",
      "my/k8s/a.yaml.hbs:2: error TEMPLATE: it can't be parsed: if doesn't match each",
    ],
    ["an open mustache", "a\nb\n{{name", "my/k8s/a.yaml.hbs:3: error TEMPLATE: it can't be parsed"],
  ];
  it.each(cases)("%s: file and line", (_, text, message) => {
    expect(() => render(text, { name: "n", list: [{}] })).toThrow(message);
  });

  it("is the partial, if the failure is in it", () => {
    const partial = source("\n\n{{nam}}", "_part.yaml");
    expect(() => render("x\n{{> part}}", {}, partial)).toThrow("my/k8s/_part.yaml.hbs:3:1: error TEMPLATE");
  });
});
