import { existsSync } from "node:fs";
import type { ScaffoldPlan, ServicerPlan } from "./scaffold-plan.js";
import { completeTests, hasTestsOf, type MissingCases, newServicerTests, type TestRunner } from "./servicer-tests.js";
import type { TestOutline } from "./test-outline.js";
import { parseTypeScript } from "./typescript-source.js";
import { checkWritable, listTests, readUserFile, type UserFile, UserFileError } from "./user-files.js";

/** What is to happen to the tests of one service. */
export type TestPlan = { readonly service: string; readonly path: string } & (
  | { readonly kind: "create"; readonly cases: MissingCases; readonly write: UserFile }
  | { readonly kind: "complete"; readonly missing: MissingCases; readonly write: UserFile | undefined }
  | { readonly kind: "refuse"; readonly reason: string }
);

/** Where tests are looked for, and for whom they are written. */
export interface TestPlanOptions {
  /** The user's folder, absolute. */
  readonly out: string;
  /** The folder of generated code, absolute. */
  readonly generated: string;
  readonly runner: TestRunner;
}

/**
 * Plans the tests of the services that a scaffold is about: finds them again by the service's name in a `describe`, or begins a file
 * beside the service's class.
 *
 * @throws UserFileError if the folder can't be read
 */
export function planTests(
  { services }: ScaffoldPlan,
  outlines: ReadonlyMap<string, TestOutline>,
  options: TestPlanOptions,
): TestPlan[] {
  const sources = listTests(options.out, options.generated).map((path) =>
    parseTypeScript(path, readUserFile(path).text),
  );
  return services.flatMap((plan) => {
    const outline = outlines.get(plan.outline.service);
    if (outline === undefined || outline.methods.length === 0) {
      return [];
    }
    const source = sources.find((each) => hasTestsOf(each, outline.service));
    const path = source?.path ?? beside(plan);
    try {
      return [source === undefined ? begin(path, outline, options.runner) : complete(source, outline)];
    } catch (error) {
      if (error instanceof UserFileError) {
        return [{ service: outline.service, path: error.path, kind: "refuse" as const, reason: error.reason }];
      }
      throw error;
    }
  });
}

/** `ledger-servicer.ts` → `ledger-servicer.test.ts` */
function beside({ path }: ServicerPlan): string {
  return path.replace(/\.([cm]?tsx?)$/, ".test.$1");
}

function begin(path: string, outline: TestOutline, runner: TestRunner): TestPlan {
  const { service, methods } = outline;
  if (existsSync(path)) {
    const reason = `is in the way: the tests of ${service} are to go there, and the file has no describe("${service}", …). Write one into it, or rename the file.`;
    return { service, path, kind: "refuse", reason };
  }
  checkWritable(path);
  const text = newServicerTests(outline, runner);
  return {
    service,
    path,
    kind: "create",
    cases: methods,
    write: { path, text, byteOrderMark: false, damage: undefined },
  };
}

function complete(source: ReturnType<typeof parseTypeScript>, outline: TestOutline): TestPlan {
  const { path, problem } = source;
  const { service } = outline;
  if (problem !== undefined) {
    const reason = `${problem.message} The file doesn't parse (line ${problem.line}), so nothing is inserted. Mend it, then run the command again.`;
    return { service, path, kind: "refuse", reason };
  }
  const completion = completeTests(source, outline);
  if (completion === undefined) {
    const reason = `has a describe("${service}", …) into which nothing can be inserted. Add what is missing by hand.`;
    return { service, path, kind: "refuse", reason };
  }
  const { missing, inserted } = completion;
  if (inserted === undefined) {
    return { service, path, kind: "complete", missing, write: undefined };
  }
  checkWritable(path);
  const file = readUserFile(path);
  if (file.damage !== undefined) {
    throw new UserFileError(path, file.damage);
  }
  return { service, path, kind: "complete", missing, write: { ...file, text: inserted.text } };
}
