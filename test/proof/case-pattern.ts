/**
 * Whether a case's name fits a pattern: `*` stands for one segment or a part of one, `**` for any number of segments.
 *
 * `**` followed by `/` may stand for nothing: `**` + `/unary/ok` fits `unary/ok`.
 */
export function fitsPattern(name: string, pattern: string): boolean {
  return expressionOf(pattern).test(name);
}

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  let expression = expressions.get(pattern);
  if (expression === undefined) {
    const source = pattern.replace(/\*\*\/|\*\*|\*|[^*]+/g, (part) => {
      switch (part) {
        case "**/":
          return "(?:.*/)?";
        case "**":
          return ".*";
        case "*":
          return "[^/]*";
        default:
          return part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
      }
    });
    expression = new RegExp(`^${source}$`);
    expressions.set(pattern, expression);
  }
  return expression;
}
