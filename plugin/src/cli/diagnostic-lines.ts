import { rulePage } from "../contract.js";
import type { CliIo } from "./cli-io.js";
import { plainLine, plainText, type TextStyle } from "./text-style.js";

/** Something found at a place in a proto file. */
export interface Finding {
  readonly rule: string;
  readonly severity: "error" | "warning";
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Prints findings as the plugin does, a line for each: `path:line:col: severity RULE: message`, and the address of the rule's page. */
export function printFindings(findings: readonly Finding[], style: TextStyle, io: CliIo): void {
  for (const { path, line, column, severity, rule, message } of findings) {
    const paint = severity === "error" ? style.red : style.yellow;
    io.stdout.write(
      `${style.bold(plainLine(path))}:${line}:${column}: ${paint(severity)} ${style.bold(rule)}: ${plainLine(message)} ${rulePage(rule)}\n`,
    );
  }
}

/** Prints a JSON document. What a terminal would obey is escaped in it, which means the same. */
export function printJson(value: unknown, io: CliIo): void {
  io.stdout.write(`${plainText(JSON.stringify(value, undefined, 2))}\n`);
}

/** The same findings at the paths that a person would open. */
export function localFindings<F extends Finding>(findings: readonly F[], local: ReadonlyMap<string, string>): F[] {
  return findings.map((finding) => ({ ...finding, path: local.get(finding.path) ?? finding.path }));
}

/** How many errors and warnings there are. */
export function countFindings(findings: readonly Pick<Finding, "severity">[]): {
  readonly errors: number;
  readonly warnings: number;
} {
  const errors = findings.filter(({ severity }) => severity === "error").length;
  return { errors, warnings: findings.length - errors };
}

/** `2 errors, 1 warning` */
export function countWords({ errors, warnings }: { readonly errors: number; readonly warnings: number }): string {
  return `${plural(errors, "error")}, ${plural(warnings, "warning")}`;
}

/** `1 service`, `2 services` */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
