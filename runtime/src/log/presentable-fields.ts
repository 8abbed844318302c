import type { Message } from "@bufbuild/protobuf";
import { LoggedError, loggedError } from "./logged-error.js";
import { nameOfMessage, type ShowMessage } from "./shown-message.js";

/**
 * Makes fields fit for a logger: errors, and whatever is called `err`, become what is logged of an error, and protobuf
 * messages what `show` makes of them. The fields themselves are returned if there is nothing of the kind.
 */
export function presentableFields(fields: object, show: ShowMessage = nameOfMessage): object {
  if (fields instanceof Error) {
    // pino takes an error in place of fields; spreading one would lose all of it.
    return { err: loggedError(fields, show) };
  }
  const given = fields as Readonly<Record<string, unknown>>;
  let own: Record<string, unknown> | undefined;
  // Not `Object.entries`, which makes an array for each field: each line comes by here, and hardly any has something to change.
  for (const key in given) {
    const value = given[key];
    const shown = presentable(key, value, show);
    if (shown !== value) {
      own ??= { ...fields };
      own[key] = shown;
    }
  }
  return own ?? fields;
}

function presentable(key: string, value: unknown, show: ShowMessage): unknown {
  if (key === "err") {
    return value === undefined || value instanceof LoggedError ? value : loggedError(value, show);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (value instanceof Error) {
    return loggedError(value, show);
  }
  return "$typeName" in value && typeof value.$typeName === "string" ? show(value as Message) : value;
}
