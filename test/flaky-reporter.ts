import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import type { Reporter, TestCase } from "vitest/node";

/** Writes the tests that passed only when they were tried again into the file that `FLAKY_LIST` names, a line each. */
export default class FlakyReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const list = process.env.FLAKY_LIST;
    if (list !== undefined && test.diagnostic()?.flaky === true) {
      // Ports and times differ from run to run, and don't belong to a test's name.
      const name = `${relative(process.cwd(), test.module.moduleId)} > ${test.fullName}`.replaceAll("\n", " ");
      appendFileSync(list, `${name}\n`);
    }
  }
}
