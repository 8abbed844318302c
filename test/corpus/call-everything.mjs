// Serves the services of some generated code, and calls each of its methods through the generated client. It is copied
// into the folder that has `gen/`, so that it finds the same packages. Its arguments are a JSON list of proto files, without
// extension, and the extension of the code. Tells how many methods have got and answered what they should have.

import { startTestServer } from "@accord-grpc/runtime/testing";
import { equals, ScalarType } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";

/** How deep samples are filled: there are messages that have themselves as fields. */
const DEPTH = 4;

const services = [];
const [files, extension] = process.argv.slice(2);
for (const file of JSON.parse(files)) {
  const [messages, servicers, clients] = await Promise.all(
    ["pb", "servicer", "client"].map((kind) => import(new URL(`gen/${file}_${kind}.${extension}`, import.meta.url))),
  );
  for (const service of Object.values(messages).filter(({ kind }) => kind === "service")) {
    const servicer = Object.fromEntries(service.methods.map((method) => [method.localName, implementation(method)]));
    const bound = exported(servicers, `bind${service.name}`)(servicer);
    services.push({ service, bound, Client: exported(clients, `${service.name}Client`) });
  }
}
// Whoever calls may do everything, whatever a contract asks for.
const scopes = services.flatMap(({ bound }) => bound.methods.flatMap(({ policy }) => policy.auth?.scopes ?? []));
const caller = { subject: "caller", scopes };
const { channel, close } = await startTestServer(
  services.map(({ bound }) => bound),
  { auth: () => caller },
);
let answered = 0;
for (const { service, Client } of services) {
  const client = new Client(channel);
  for (const method of service.methods) {
    for (const response of await responsesOf(client[method.localName], method)) {
      check(method.output, response, `${method} answers with`);
    }
    answered++;
  }
}
await close();
console.log(answered);

/** A name that is taken already has `$` behind it. */
function exported(module, name) {
  return module[name] ?? module[`${name}$`];
}

function implementation(method) {
  const { methodKind, input, output } = method;
  const received = (request) => check(input, request, `${method} is asked`);
  switch (methodKind) {
    case "unary":
      return async (request) => {
        received(request);
        return sample(output);
      };
    case "client_streaming":
      return async (requests) => {
        (await collect(requests)).forEach(received);
        return sample(output);
      };
    case "server_streaming":
      return async function* (request) {
        received(request);
        yield sample(output);
      };
    default:
      return async function* (requests) {
        (await collect(requests)).forEach(received);
        yield sample(output);
      };
  }
}

async function responsesOf(call, { methodKind, input }) {
  const options = { timeoutMs: 10_000 };
  const request = sample(input);
  switch (methodKind) {
    case "unary":
      return [await call(request, options)];
    case "client_streaming":
      return [await call(once(request), options)];
    case "server_streaming":
      return await collect(call(request, options));
    default:
      return await collect(call(once(request), options));
  }
}

async function* once(request) {
  yield request;
}

async function collect(stream) {
  const messages = [];
  for await (const message of stream) {
    messages.push(message);
  }
  return messages;
}

function check(desc, message, what) {
  if (message.$typeName !== desc.typeName) {
    throw new Error(`${what} ${message.$typeName}`);
  }
  if (!equals(desc, message, sample(desc))) {
    throw new Error(`${what} a ${desc.typeName} that was changed on the way`);
  }
}

/** A message with something in each field, the same each time. */
function sample(desc) {
  return filled(desc, 0).message;
}

function filled(desc, depth) {
  const message = reflect(desc);
  for (const field of desc.fields) {
    const isFirst = field.oneof === undefined || field.oneof.fields[0] === field;
    const isTooDeep = field.message !== undefined && depth >= DEPTH;
    if (isFirst && !isTooDeep) {
      fill(message, field, depth + 1);
    }
  }
  return message;
}

function fill(message, field, depth) {
  switch (field.fieldKind) {
    case "list":
      message.get(field).add(fieldValue(field, depth));
      message.get(field).add(fieldValue(field, depth));
      break;
    case "map":
      message.get(field).set(scalarValue(field.mapKey), fieldValue(field, depth));
      break;
    default:
      message.set(field, fieldValue(field, depth));
  }
}

function fieldValue(field, depth) {
  if (field.message !== undefined) {
    return filled(field.message, depth);
  }
  return field.enum === undefined ? scalarValue(field.scalar) : field.enum.values.at(-1).number;
}

function scalarValue(type) {
  switch (type) {
    case ScalarType.STRING:
      return "é1";
    case ScalarType.BYTES:
      return Uint8Array.of(0, 255);
    case ScalarType.BOOL:
      return true;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return 1.5;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return 2n ** 40n;
    default:
      return 1_000;
  }
}
