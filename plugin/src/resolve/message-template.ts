/** A piece of an error's message. */
export type TemplatePart = { readonly text: string } | { readonly key: string };

/** An error's message, taken apart. */
export interface MessageTemplate {
  readonly parts: readonly TemplatePart[];
  /** What is wrong with its braces, if anything. */
  readonly problem: string | undefined;
}

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** Takes `Balance {balance} is below {amount}` apart. A brace that belongs to no placeholder is a problem. */
export function parseMessageTemplate(template: string): MessageTemplate {
  const parts: TemplatePart[] = [];
  let problem: string | undefined;
  let end = 0;
  const addText = (text: string) => {
    const brace = /[{}]/.exec(text);
    if (brace !== null) {
      problem ??= `the \`${brace[0]}\` near ${JSON.stringify(text.slice(brace.index, brace.index + 12))} has no partner`;
    }
    if (text !== "") {
      parts.push({ text });
    }
  };
  for (const match of template.matchAll(PLACEHOLDER)) {
    addText(template.slice(end, match.index));
    parts.push({ key: match[1] ?? "" });
    end = match.index + match[0].length;
  }
  addText(template.slice(end));
  return { parts, problem };
}
