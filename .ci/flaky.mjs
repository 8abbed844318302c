// Lists the tests of a run that passed only on a retry. One that stands in flaky-tests.txt already, where those of earlier runs are
// written down, is a defect: exit code 1.
//
//   node .ci/flaky.mjs <the list of the run> [<that of earlier runs>]
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [, , found = "", known = fileURLToPath(new URL("flaky-tests.txt", import.meta.url))] = process.argv;
const linesOf = (path) =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
    : [];
const before = new Set(linesOf(known));
const flaky = [...new Set(linesOf(found))].sort();
const again = flaky.filter((name) => before.has(name));
if (flaky.length === 0) {
  console.log("No test needed a retry.");
} else {
  console.log(
    `Passed only on a retry:\n${flaky.map((name) => `  ${name}${before.has(name) ? "  (not for the first time)" : ""}`).join("\n")}`,
  );
  console.log(
    "Write those that are new into .ci/flaky-tests.txt. A test that is listed twice is a defect, and is to be mended.",
  );
}
process.exitCode = again.length > 0 ? 1 : 0;
