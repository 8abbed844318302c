import type { AuthModel } from "../model/model.js";
import { braces, brackets } from "./typescript/layout-group.js";
import { stringLiteral } from "./typescript/text.js";
import type { Printable } from "./typescript/typescript-file.js";

/** What a method asks of its callers: `auth: { requirement: "required", scopes: ["ledger.write"] }`; nothing where it asks nothing. */
export function authProperty({ requirement, scopes }: AuthModel): Printable[] {
  if (requirement === "none") {
    return [];
  }
  const names = scopes.length === 0 ? [] : [["scopes: ", brackets(scopes.map(stringLiteral))]];
  return [["auth: ", braces([`requirement: ${stringLiteral(requirement)}`, ...names])]];
}
