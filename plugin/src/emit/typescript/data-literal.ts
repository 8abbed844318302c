import { LINE_WIDTH } from "./layout.js";
import { numberLiteral, propertyKey, stringLiteral } from "./text.js";
import { columnsOf } from "./text-width.js";

/**
 * JSON-like data as a TypeScript literal, laid out as biome does: what fits stays on one line, and a list of objects with
 * several properties each is always broken.
 *
 * @param indent of the line on which the literal starts, in columns
 * @param column at which the literal starts
 */
export function dataLiteral(value: unknown, indent: number, column: number): string {
  const flat = flatLiteral(value);
  // What follows is a comma or a semicolon.
  if (!isAlwaysBroken(value) && column + columnsOf(flat) < LINE_WIDTH) {
    return flat;
  }
  const inner = " ".repeat(indent + 2);
  if (Array.isArray(value)) {
    const items = value.map((item) => `${inner}${dataLiteral(item, indent + 2, indent + 2)},\n`);
    return `[\n${items.join("")}${" ".repeat(indent)}]`;
  }
  if (typeof value === "object" && value !== null) {
    const properties = Object.entries(value).map(([key, member]) => {
      const name = `${inner}${propertyKey(key)}: `;
      return `${name}${dataLiteral(member, indent + 2, name.length)},\n`;
    });
    return `{\n${properties.join("")}${" ".repeat(indent)}}`;
  }
  return flat;
}

function flatLiteral(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(flatLiteral).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const properties = Object.entries(value).map(([key, member]) => `${propertyKey(key)}: ${flatLiteral(member)}`);
    return properties.length === 0 ? "{}" : `{ ${properties.join(", ")} }`;
  }
  if (typeof value === "number") {
    return numberLiteral(value);
  }
  return typeof value === "string" ? stringLiteral(value) : String(value);
}

function isAlwaysBroken(value: unknown): boolean {
  if (Array.isArray(value)) {
    return (value.length > 1 && value.every(hasSeveralProperties)) || value.some(isAlwaysBroken);
  }
  return typeof value === "object" && value !== null && Object.values(value).some(isAlwaysBroken);
}

function hasSeveralProperties(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 1;
}
