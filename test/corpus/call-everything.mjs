// Serves each service of some generated JavaScript, and calls each of its methods through the generated client. It is copied
// into the folder that has `gen/`, so that it finds the same packages. Its argument is a JSON list of proto files, without
// extension. Tells how many methods have answered.
import { startTestServer } from "@accord-grpc/runtime/testing";

/** What every message can be made of: messages that have no such field leave it out. */
const ANY_MESSAGE = { id: "1" };

let answered = 0;
for (const file of JSON.parse(process.argv[2])) {
  const [messages, servicers, clients] = await Promise.all(
    ["pb", "servicer", "client"].map((kind) => import(new URL(`gen/${file}_${kind}.js`, import.meta.url))),
  );
  for (const service of Object.values(messages).filter(({ kind }) => kind === "service")) {
    const servicer = Object.fromEntries(service.methods.map((method) => [method.localName, implementation(method)]));
    const bound = exported(servicers, `bind${service.name}`)(servicer);
    const { channel, close } = await startTestServer([bound]);
    const Client = exported(clients, `${service.name}Client`);
    const client = new Client(channel);
    for (const method of service.methods) {
      for (const response of await responsesOf(client[method.localName], method)) {
        if (response.$typeName !== method.output.typeName) {
          throw new Error(`${method} answers with ${response.$typeName}`);
        }
      }
      answered++;
    }
    await close();
  }
}
console.log(answered);

/** A name that is taken already has `$` behind it. */
function exported(module, name) {
  return module[name] ?? module[`${name}$`];
}

function implementation({ methodKind }) {
  if (methodKind === "unary" || methodKind === "client_streaming") {
    return async () => ANY_MESSAGE;
  }
  return async function* () {
    yield ANY_MESSAGE;
  };
}

async function responsesOf(call, { methodKind }) {
  const options = { timeoutMs: 10_000 };
  switch (methodKind) {
    case "unary":
      return [await call(ANY_MESSAGE, options)];
    case "client_streaming":
      return [await call(requests(), options)];
    case "server_streaming":
      return await collect(call(ANY_MESSAGE, options));
    default:
      return await collect(call(requests(), options));
  }
}

async function* requests() {
  yield ANY_MESSAGE;
}

async function collect(stream) {
  const responses = [];
  for await (const response of stream) {
    responses.push(response);
  }
  return responses;
}
