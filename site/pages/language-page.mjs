// The contract language's reference, made of the comments in options.proto.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { program } from "../../scripts/programs.mjs";

const KINDS = {
  file: "A file's options",
  service: "A service's options",
  method: "A method's options",
  field: "A field's options",
  errors: "An enum's options",
  error: "An enum value's options",
  annotate: "A message's options",
};

/**
 * @param {string} root the repository
 * @returns {Promise<string>} the page
 */
export async function languagePage(root) {
  const { fromBinary } = await import(
    pathToFileURL(join(root, "node_modules/@bufbuild/protobuf/dist/esm/index.js")).href
  );
  const wkt = await import(pathToFileURL(join(root, "node_modules/@bufbuild/protobuf/dist/esm/wkt/index.js")).href);

  const image = execFileSync(...program("buf", ["build", "proto", "--as-file-descriptor-set", "-o", "-"]), {
    cwd: root,
    maxBuffer: 64 << 20,
  });
  const { file } = fromBinary(wkt.FileDescriptorSetSchema, image);
  const options = file.find(({ name }) => name === "accord/v1/options.proto");
  if (options === undefined) {
    throw new Error("buf build proto: there is no accord/v1/options.proto");
  }
  return page(options, wkt.FieldDescriptorProto_Type, wkt.FieldDescriptorProto_Label);
}

function page(file, Type, Label) {
  const comments = new Map(
    file.sourceCodeInfo.location.map(({ path, leadingComments, trailingComments, leadingDetachedComments }) => [
      path.join("."),
      { text: plain(leadingComments || trailingComments), detached: leadingDetachedComments.map(plain) },
    ]),
  );
  const of = (...path) => comments.get(path.join("."))?.text ?? "";
  // The file's own comment stands before `syntax`.
  const intro = comments.get("12")?.text || (comments.get("12")?.detached ?? []).join("\n\n");
  const extensions = file.extension.map((extension, index) => {
    const type = link(extension.typeName);
    return `| \`(accord.v1.${extension.name})\` | ${KINDS[extension.name] ?? extension.extendee} | ${type} | ${cell(of(7, index))} |`;
  });
  const messages = file.messageType.flatMap((message, index) => messagePart(message, [4, index], message.name));
  const enums = file.enumType.flatMap((type, index) => enumPart(type, [5, index], type.name));
  return `# The contract language

${intro.replace(/^(The Accord contract language\.)\s*/, "")}

This page is made of the comments in \`accord/v1/options.proto\`, which \`accord init\` writes among your protos. What a mistake in it is told is on
the page of [rules](./rules.md).

## Where options stand

| option | where | type | what it is for |
| --- | --- | --- | --- |
${extensions.join("\n")}

${[...messages, ...enums].join("\n\n")}
`;

  function messagePart(message, path, name) {
    const rows = message.field.map((field, index) => {
      const type = field.typeName ? link(field.typeName) : `\`${Type[field.type].toLowerCase()}\``;
      const many = field.label === Label.REPEATED ? "repeated " : "";
      return `| <a id="${slug(name)}.${field.name}"></a>\`${field.name}\` | ${many}${type} | ${cell(of(...path, 2, index))} |`;
    });
    const table =
      rows.length === 0 ? [] : [["| field | type | what it does |", "| --- | --- | --- |", ...rows].join("\n")];
    const nested = [
      ...message.nestedType.flatMap((inner, index) => messagePart(inner, [...path, 3, index], `${name}.${inner.name}`)),
      ...message.enumType.flatMap((inner, index) => enumPart(inner, [...path, 4, index], `${name}.${inner.name}`)),
    ];
    return [
      [`<a id="${slug(name)}"></a>`, `## ${name}`, of(...path), ...table].filter(Boolean).join("\n\n"),
      ...nested,
    ];
  }

  function enumPart(type, path, name) {
    const rows = type.value.map((value, index) => `| \`${value.name}\` | ${cell(of(...path, 2, index))} |`);
    const table = ["| value | what it means |", "| --- | --- |", ...rows].join("\n");
    return [[`<a id="${slug(name)}"></a>`, `## ${name}`, of(...path), table].filter(Boolean).join("\n\n")];
  }
}

/** A comment without the blank that begins its lines. */
function plain(comment) {
  return comment
    .split("\n")
    .map((line) => line.replace(/^ /, ""))
    .join("\n")
    .trim();
}

function cell(text) {
  return text
    .replace(/\n\s*\n/g, "<br><br>")
    .replace(/\n/g, " ")
    .replaceAll("|", "\\|");
}

function link(typeName) {
  const name = typeName.replace(/^\.accord\.v1\./, "");
  return name === typeName ? `\`${typeName.slice(1)}\`` : `[\`${name}\`](#${slug(name)})`;
}

function slug(name) {
  return `type-${name.toLowerCase().replaceAll(".", "-")}`;
}
