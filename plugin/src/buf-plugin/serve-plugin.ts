import {
  create,
  createRegistry,
  type DescMessage,
  fromBinary,
  fromJsonString,
  type Message,
  type MessageShape,
  type Registry,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { messageOf } from "../thrown-message.js";
import { RequestSchema, ResponseSchema, SpecSchema } from "./gen/pluginrpc/v1/pluginrpc_pb.js";
import { Code, PluginError } from "./plugin-error.js";
import { type PluginIo, processIo } from "./plugin-io.js";
import { type Procedure, pathOf } from "./procedure.js";

/** The version of the protocol that is spoken: the only one there is. */
const PROTOCOL = 1;

/**
 * Does what a program that speaks pluginrpc is asked to do: `--protocol`, `--spec`, or a procedure's path, with its request on
 * stdin and its response on stdout. `--format json` has messages as protobuf's JSON instead of bytes.
 *
 * A procedure's failure is part of its response.
 *
 * @returns the exit code. 1: the arguments or the request make no sense; stderr says why
 */
export async function servePlugin(procedures: readonly Procedure[], io: PluginIo = processIo()): Promise<number> {
  const asked = readArguments(io.args, procedures);
  if (typeof asked === "string") {
    io.writeStderr(asked);
    return 1;
  }
  const format = asked.json ? jsonFormat(procedures) : BINARY;
  if (asked.what === "protocol") {
    await io.writeStdout(Buffer.from(`${PROTOCOL}\n`));
    return 0;
  }
  if (asked.what === "spec") {
    const spec = create(SpecSchema, { procedures: procedures.map((each) => ({ path: pathOf(each) })) });
    await io.writeStdout(format.write(SpecSchema, spec));
    return 0;
  }
  const bytes = await io.readStdin();
  let request: MessageShape<typeof RequestSchema>;
  try {
    // Nothing on stdin is a request without a value.
    request = bytes.length === 0 ? create(RequestSchema) : format.read(RequestSchema, bytes);
  } catch (error) {
    io.writeStderr(`What came on stdin isn't a pluginrpc.v1.Request: ${messageOf(error)}`);
    return 1;
  }
  await io.writeStdout(format.write(ResponseSchema, await respond(asked.what, request.value, io)));
  return 0;
}

async function respond(
  asked: Procedure,
  value: Any | undefined,
  io: PluginIo,
): Promise<MessageShape<typeof ResponseSchema>> {
  const { input, output } = asked.method;
  try {
    const response = await asked.run(value === undefined ? create(input) : unpack(value, input));
    return create(ResponseSchema, { value: anyPack(output, response as MessageShape<typeof output>) });
  } catch (error) {
    if (error instanceof PluginError) {
      return create(ResponseSchema, { error: { code: error.code, message: error.message } });
    }
    // A defect of the plugin's: only its stack helps to find it.
    io.writeStderr(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return create(ResponseSchema, { error: { code: Code.INTERNAL, message: messageOf(error) } });
  }
}

function unpack(value: Any, input: DescMessage): Message {
  let message: Message | undefined;
  try {
    message = anyUnpack(value, input);
  } catch (error) {
    throw new PluginError(Code.INVALID_ARGUMENT, `The request is no ${input.typeName}: ${messageOf(error)}`);
  }
  if (message === undefined) {
    throw new PluginError(
      Code.INVALID_ARGUMENT,
      `The request has a ${value.typeUrl || "value without a type"}, and a ${input.typeName} is expected.`,
    );
  }
  return message;
}

interface Asked {
  readonly what: "protocol" | "spec" | Procedure;
  readonly json: boolean;
}

/** What the arguments ask for; or what is wrong with them. */
function readArguments(args: readonly string[], procedures: readonly Procedure[]): Asked | string {
  let json = false;
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const format = arg === "--format" ? args[++i] : arg.startsWith("--format=") ? arg.slice("--format=".length) : arg;
    if (format === arg) {
      words.push(arg);
    } else if (format === "json" || format === "binary") {
      json = format === "json";
    } else {
      return `--format is binary or json, and not ${format === undefined ? "empty" : `"${format}"`}.`;
    }
  }
  const [word, ...rest] = words;
  if (word === undefined || rest.length > 0) {
    return `This program is called by buf. It takes --protocol, --spec, or one of ${procedures.map(pathOf).join(", ")}.`;
  }
  if (word === "--protocol" || word === "--spec") {
    return { what: word === "--spec" ? "spec" : "protocol", json };
  }
  const asked = procedures.find((each) => pathOf(each) === word);
  return asked === undefined
    ? `There is no "${word}" here. There are: ${procedures.map(pathOf).join(", ")}.`
    : { what: asked, json };
}

/** How messages are written on stdin and stdout. */
interface Format {
  read<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc>;
  write<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Uint8Array;
}

const BINARY: Format = { read: fromBinary, write: toBinary };

function jsonFormat(procedures: readonly Procedure[]): Format {
  // A value's type has to be known in JSON.
  const registry: Registry = createRegistry(...procedures.flatMap(({ method }) => [method.input, method.output]));
  return {
    read: (schema, bytes) =>
      fromJsonString(schema, Buffer.from(bytes).toString("utf8"), { registry, ignoreUnknownFields: true }),
    write: (schema, message) => Buffer.from(`${toJsonString(schema, message, { registry })}\n`),
  };
}
