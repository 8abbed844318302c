import { columnLines, contentWidth, factLines, type TextPage, type TextSection } from "../text-section.js";
import { styledWidth, wrapText } from "../text-style.js";
import type { ExplainedMethod, ExplainedService } from "./explanation.js";
import { deadlineWord, firstParagraph, isSentAgain, kindWord, raisesWord, resendWord } from "./method-words.js";

/** The sections of a page about all services: one for each package. */
export function overviewSections(services: readonly ExplainedService[], page: TextPage): TextSection[] {
  const packages = [...new Set(services.map((service) => service.package))];
  return packages.map((name) => {
    const own = services.filter((service) => service.package === name);
    const lines = own.flatMap((service, index) => [
      ...(index === 0 ? [] : [""]),
      ...wrapText(shortName(service.service), contentWidth(page)).map((line) => page.style.bold(page.style.cyan(line))),
      ...wrapText(firstParagraph(service.comment), contentWidth(page)).filter((line) => line !== ""),
      ...methodTable(service.methods, page),
    ]);
    return {
      title: name === "" ? "(no package)" : name,
      note: own.length === 1 ? "1 service" : `${own.length} services`,
      lines,
    };
  });
}

/** The sections of a page about one service. */
export function serviceSections(service: ExplainedService, page: TextPage): TextSection[] {
  const { style } = page;
  const { channel } = service;
  const comment = wrapText(firstParagraph(service.comment), contentWidth(page)).filter((line) => line !== "");
  const facts: [string, string][] = [
    ["declared in", `${service.place.path}:${service.place.line}`],
    ["errors", `in the domain ${style.cyan(service.errorDomain)}`],
    [
      "backends",
      `${channel.loadBalancing.replaceAll("_", " ")}${channel.outlierDetection ? ", without those that fail more than the others" : ""}`,
    ],
  ];
  if (channel.throttle !== null) {
    const { maxTokens, tokenRatio } = channel.throttle;
    facts.push([
      "throttle",
      `retries only while more than ${maxTokens / 2} of ${maxTokens} tokens are left; a failure takes 1, a success gives back ${tokenRatio}`,
    ]);
  } else if (service.methods.some(isSentAgain)) {
    facts.push(["throttle", style.yellow("off: calls are sent again however many fail")]);
  }
  facts.push([
    "health",
    service.healthRequired
      ? "the server serves only while this service does"
      : "the server may serve without this service",
  ]);
  if (service.deprecated) {
    facts.push(["deprecated", style.yellow("yes: new code should not call it")]);
  }
  return [
    { title: service.service, lines: [...comment, ...(comment.length > 0 ? [""] : []), ...factLines(facts, page)] },
    { title: "Methods", note: String(service.methods.length), lines: methodTable(service.methods, page) },
    ...errorsSection(service, page),
  ];
}

function methodTable(methods: readonly ExplainedMethod[], page: TextPage): string[] {
  const { style } = page;
  if (methods.length === 0) {
    return [style.dim("  no methods")];
  }
  return columnLines(
    methods.map((method) => [
      method.deprecated ? style.dim(`${method.method} (deprecated)`) : style.bold(method.method),
      style.dim(kindWord(method.kind)),
      deadlineWord(method),
      method.resend.kind === "none" ? style.dim(resendWord(method)) : resendWord(method),
      method.raises.length === 0 ? style.dim(raisesWord(method)) : raisesWord(method),
    ]),
    contentWidth(page) - 2,
  ).map((line) => `  ${line}`);
}

/** Each error of the service, and the methods that raise it. */
function errorsSection({ methods }: ExplainedService, page: TextPage): TextSection[] {
  const { style } = page;
  const errors = [
    ...new Map(
      methods.flatMap(({ raises }) => raises.map((error) => [`${error.package}.${error.code}`, error])),
    ).values(),
  ];
  if (errors.length === 0) {
    return [];
  }
  const rows = errors.map((error) => {
    const raisers = methods.filter(({ raises }) =>
      raises.some((other) => other.code === error.code && other.package === error.package),
    );
    const by =
      raisers.length === methods.length && methods.length > 1
        ? "all methods"
        : raisers.map(({ method }) => method).join(", ");
    return { cells: [style.red(error.code), style.yellow(error.status)], by };
  });
  const width = Math.max(...rows.map(({ cells }) => styledWidth(cells.join("  "))));
  const labels = columnLines(
    rows.map(({ cells }) => cells),
    width * 2,
  );
  // The labels have colours of their own.
  const facts = rows.map(({ by }, index): [string, string] => [labels[index] ?? "", by]);
  const lines = factLines(facts, { ...page, style: { ...style, dim: (text) => text } });
  return [{ title: "Errors", note: String(errors.length), lines }];
}

function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf(".") + 1);
}
