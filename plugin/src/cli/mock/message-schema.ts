import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** Refers to the definition of a message; of those of Google's that JSON writes otherwise, to nothing. */
export function schemaOfMessage(desc: DescMessage): object {
  return (
    WELL_KNOWN[desc.typeName] ??
    (desc.typeName.startsWith("google.protobuf.") ? {} : { $ref: `#/definitions/${desc.typeName}` })
  );
}

/** The definitions of messages, and of all that is in them. */
export function messageDefinitions(roots: readonly DescMessage[]): Record<string, object> {
  const found = new Map<string, DescMessage>();
  const visit = (desc: DescMessage): void => {
    if (found.has(desc.typeName) || desc.typeName.startsWith("google.protobuf.")) {
      return;
    }
    found.set(desc.typeName, desc);
    for (const { message } of desc.fields) {
      if (message !== undefined) {
        visit(message);
      }
    }
  };
  roots.forEach(visit);
  return Object.fromEntries([...found].map(([name, desc]) => [name, definition(desc)]));
}

// JSON takes both spellings of a field.
function definition(desc: DescMessage): object {
  const properties = desc.fields.flatMap((field) => {
    const schema = schemaOfField(field);
    return field.jsonName === field.name
      ? [[field.name, schema]]
      : [
          [field.name, schema],
          [field.jsonName, schema],
        ];
  });
  return { type: "object", additionalProperties: false, properties: Object.fromEntries(properties) };
}

function schemaOfField(field: DescField): object {
  switch (field.fieldKind) {
    case "list":
      return { type: "array", items: valueSchema(field) };
    case "map":
      return { type: "object", additionalProperties: valueSchema(field) };
    default:
      return valueSchema(field);
  }
}

function valueSchema({
  scalar,
  message,
  enum: enumeration,
}: {
  scalar?: ScalarType | undefined;
  message?: DescMessage | undefined;
  enum?: DescEnum | undefined;
}): object {
  if (message !== undefined) {
    return schemaOfMessage(message);
  }
  if (enumeration !== undefined) {
    return { enum: [...enumeration.values.map(({ name }) => name), ...enumeration.values.map(({ number }) => number)] };
  }
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return { type: "string" };
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: ["number", "string"] };
    default:
      return { type: ["integer", "string"], pattern: "^-?\\d+$" };
  }
}

const WELL_KNOWN: Readonly<Record<string, object>> = {
  "google.protobuf.Timestamp": { type: "string", description: "2025-01-02T03:04:05Z" },
  "google.protobuf.Duration": { type: "string", description: "1.5s" },
  "google.protobuf.FieldMask": { type: "string" },
};
