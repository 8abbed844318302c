import type { VerifyFinding } from "../verify/finding.js";
import { VERIFY_RULES } from "../verify/verify-rules.js";
import type { MethodReport, VerifyReport } from "../verify/verify-server.js";
import { plural } from "./diagnostic-lines.js";
import { padStyled, plainLine, type TextStyle } from "./text-style.js";

/** The report for people: a line for each method, then what was found, with the call that showed it and how it is mended. */
export function renderVerify(report: VerifyReport, style: TextStyle): string {
  const services = [...new Set(report.methods.map(({ service }) => service))];
  const lines = services.flatMap((service) => [
    style.bold(plainLine(service)),
    ...report.methods
      .filter((method) => method.service === service)
      .map((method) => methodLine(method, findingsOf(report.findings, subjectOf(method)).length, style)),
  ]);
  const found = report.findings.flatMap((finding) => ["", ...findingLines(finding, style)]);
  const notes = report.notes.length === 0 ? [] : ["", ...report.notes.map((note) => `Note: ${plainLine(note)}`)];
  return `${[...lines, ...found, ...notes].join("\n")}\n`;
}

function methodLine({ method, calls, notCalled }: MethodReport, found: number, style: TextStyle): string {
  const verdict =
    found > 0
      ? style.red(plural(found, "finding"))
      : notCalled === undefined
        ? style.green("kept")
        : style.dim("not called");
  const why = notCalled ?? plural(calls, "call");
  return `  ${padStyled(verdict, 11)} ${plainLine(method)}  ${style.dim(plainLine(why))}`;
}

function findingLines({ severity, rule, subject, text, call, count }: VerifyFinding, style: TextStyle): string[] {
  const paint = severity === "error" ? style.red : style.yellow;
  const times = count > 1 ? ` (${count} times)` : "";
  return [
    `${paint(severity)} ${style.bold(rule)} ${plainLine(subject ?? "the server")}: ${plainLine(text)}${times}`,
    ...(call === undefined ? [] : [`  call: ${plainLine(call)}`]),
    `  rule: ${VERIFY_RULES[rule].asks}`,
    `  mend: ${VERIFY_RULES[rule].mend}`,
  ];
}

/** The report for programs. */
export function verifyJson(report: VerifyReport, target: string): object {
  return {
    target,
    methods: report.methods,
    findings: report.findings.map((finding) => ({ ...finding, ...VERIFY_RULES[finding.rule] })),
    notes: report.notes,
  };
}

/** The report as JUnit's XML, as CI systems read it: a case for each method, and one for each service and the server as a whole. */
export function verifyJunit(report: VerifyReport, target: string): string {
  const services = [...new Set(report.methods.map(({ service }) => service))];
  const suites = [
    suite("server", target, [{ name: target, findings: findingsOf(report.findings, undefined), skipped: undefined }]),
    ...services.map((service) =>
      suite(service, service, [
        { name: "health", findings: findingsOf(report.findings, service), skipped: undefined },
        ...report.methods
          .filter((method) => method.service === service)
          .map((method) => ({
            name: method.method,
            findings: findingsOf(report.findings, subjectOf(method)),
            skipped: method.notCalled,
          })),
      ]),
    ),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="accord verify">\n${suites.join("")}</testsuites>\n`;
}

interface JunitCase {
  readonly name: string;
  readonly findings: readonly VerifyFinding[];
  readonly skipped: string | undefined;
}

function suite(name: string, className: string, cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ findings }) => findings.length > 0).length;
  const skipped = cases.filter((each) => isSkipped(each)).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
  return `  <testsuite name="${xml(name)}" ${counts}>\n${cases.map((each) => caseXml(each, className)).join("")}  </testsuite>\n`;
}

function isSkipped({ findings, skipped }: JunitCase): boolean {
  return findings.length === 0 && skipped !== undefined;
}

function caseXml(each: JunitCase, className: string): string {
  const start = `    <testcase classname="${xml(className)}" name="${xml(each.name)}"`;
  if (isSkipped(each)) {
    return `${start}><skipped message="${xml(each.skipped ?? "")}"/></testcase>\n`;
  }
  if (each.findings.length === 0) {
    return `${start}/>\n`;
  }
  const failures = each.findings.map(
    ({ rule, text, call }) =>
      `      <failure type="${rule}" message="${xml(`${rule}: ${text}`)}">${xml(`${call ?? ""}\n${VERIFY_RULES[rule].mend}`)}</failure>\n`,
  );
  return `${start}>\n${failures.join("")}    </testcase>\n`;
}

function xml(text: string): string {
  const escaped = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;" } as const;
  return text
    .split("\n")
    .map((line) => plainLine(line))
    .join("\n")
    .replace(/[&<>"\n]/g, (character) => escaped[character as keyof typeof escaped]);
}

function subjectOf({ service, method }: MethodReport): string {
  return `${service}.${method}`;
}

function findingsOf(findings: readonly VerifyFinding[], subject: string | undefined): VerifyFinding[] {
  return findings.filter((finding) => finding.subject === subject);
}
