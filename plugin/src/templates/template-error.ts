/**
 * A template that can't be read, parsed or rendered, or a template folder that can't be used. Its message is made for
 * the person who wrote the template: `<file>:<line>:<column>: error TEMPLATE: <what is wrong, and what to do>`.
 */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** A place in a template, as a person counts: 1-based. The column is unknown for some mistakes. */
export interface TemplatePlace {
  /** The template's path, as it is shown. */
  readonly file: string;
  readonly line: number;
  readonly column?: number | undefined;
}

/** The error for a mistake at a place in a template. */
export function templateErrorAt(place: TemplatePlace, what: string, cause?: unknown): TemplateError {
  const { file, line, column } = place;
  const position = column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
  return new TemplateError(`${position}: error TEMPLATE: ${what}`, cause === undefined ? undefined : { cause });
}
