import { generate } from "@accord-grpc/protoc-gen-accord";
import { create } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt";
import { beforeAll, describe, expect, it } from "vitest";
import { compileFolder } from "../rejected/compile-cases.js";
import { parseManifest, unknownFields, validateManifest } from "./manifest-schema.js";

// A contract with the smallest and largest numbers that are allowed.
let files: ReadonlyMap<string, string>;

beforeAll(async () => {
  const request = create(CodeGeneratorRequestSchema, {
    parameter: "artifacts=k8s+docs",
    fileToGenerate: ["extreme/v1/extreme.proto"],
    protoFile: compileFolder("test/artifacts/protos").map(({ proto }) => proto),
  });
  const { response } = await generate(request);
  expect(response.error).toBe("");
  files = new Map(response.file.map(({ name, content }) => [name, content]));
});

function file(name: string): string {
  const found = [...files].filter(([path]) => path.endsWith(name));
  expect(found).toHaveLength(1);
  return found[0]?.[1] ?? "";
}

describe("manifests", () => {
  it("are valid", async () => {
    const manifests = [...files].filter(([path]) => path.endsWith(".yaml")).map(([, yaml]) => parseManifest(yaml));
    manifests.forEach(validateManifest);
    expect(await unknownFields(manifests)).toEqual([]);
  });

  it("let a process that isn't root listen at a port below 1024", () => {
    expect(parseManifest(file("k8s/deployment.yaml")).spec).toMatchObject({
      template: {
        spec: { securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] } },
      },
    });
  });

  it("block neither a rollout nor the emptying of a node with a single pod", () => {
    expect([...files.keys()].filter((path) => path.includes("autoscaler"))).toEqual([]);
    expect(parseManifest(file("k8s/deployment.yaml")).spec).toMatchObject({
      replicas: 1,
      // A quarter of a pod is rounded up.
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" } },
    });
    expect(parseManifest(file("k8s/pod-disruption-budget.yaml")).spec).toMatchObject({ maxUnavailable: 1 });
  });
});

describe("pages", () => {
  it("say when a client leaves a pod out", () => {
    const page = file("grpc_load_balancing.md");
    expect(page).toContain("Every 10 s each client judges the pods that it calls");
    expect(page).toContain("until 50 % or more\nof them are out");
    expect(page).toContain("- **Failures:** more than 60 % of its calls failed, where at least 5 pods had 50 calls");
    expect(page).not.toContain("Success rate");
  });

  it("say what a single pod means", () => {
    const page = file("grpc_load_balancing.md");
    expect(page).toContain("with 1 pod and one more, 50 % of the calls");
    expect(page).toContain("with a single pod, calls fail until the");
  });

  it("reckon in less than milliseconds, and without waits", () => {
    const page = file("Service.md");
    expect(page).toContain(
      "1.2 × 1 ms = 1.2 ms. Of the deadline of 3 ms that leaves 1.8 ms for 2 attempts, 0.9 ms each.",
    );
    expect(page).toContain(
      "All 5 copies are sent at once, and the first answer counts. Of the deadline of 10 min that leaves 10 min for all of them.",
    );
  });
});

interface Box {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly line: number;
}

/** Where the texts of a picture are, about: fonts differ. */
function textsOf(svg: string): Box[] {
  return [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"([^>]*)>([^<]*)<\/text>/g)].map(
    ([, x = "", y = "", attributes = "", text = ""]) => {
      const size = Number(/font-size="(\d+)"/.exec(attributes)?.[1] ?? 13);
      const width = text.length * size * 0.5;
      const anchor = /text-anchor="(\w+)"/.exec(attributes)?.[1] ?? "start";
      const left = Number(x) - { start: 0, middle: width / 2, end: width }[anchor as "start" | "middle" | "end"];
      return { text, left, right: left + width, line: Number(y) };
    },
  );
}

describe("pictures", () => {
  it("have texts that stay in the frame, and don't cover each other", () => {
    const pictures = [...files].filter(([path]) => path.endsWith(".svg"));
    expect(pictures).toHaveLength(6);
    for (const [path, svg] of pictures) {
      const texts = textsOf(svg);
      expect(texts.length, path).toBeGreaterThan(8);
      for (const [index, a] of texts.entries()) {
        expect(a.left, `${path}: ${a.text}`).toBeGreaterThanOrEqual(0);
        expect(a.right, `${path}: ${a.text}`).toBeLessThanOrEqual(760);
        for (const b of texts.slice(index + 1)) {
          const covers = Math.abs(a.line - b.line) < 10 && a.left < b.right && b.left < a.right;
          expect(covers, `${path}: "${a.text}" and "${b.text}"`).toBe(false);
        }
      }
    }
  });
});
