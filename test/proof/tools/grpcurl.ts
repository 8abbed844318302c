import { SERVER_NAME } from "../interop/peer.js";
import { READABLE_DETAILS, type ToolCase, type ToolTarget } from "./tool-case.js";

const SERVICE = "proof.shelf.v1.ShelfService";
/** grpcurl exits with 64 and the status. */
const NOT_FOUND = 64 + 5;
const DEADLINE_EXCEEDED = 64 + 4;

/** What grpcurl is tried with; it knows the server by its reflection alone. */
export function grpcurlCases({ port, ca }: ToolTarget): Readonly<Record<string, ToolCase>> {
  const security = ca === undefined ? ["-plaintext"] : ["-cacert", ca, "-servername", SERVER_NAME];
  const address = `127.0.0.1:${port}`;
  const call = (method: string, data: string, ...flags: string[]) => [
    ...[...security, ...flags, "-d", data, address],
    `${SERVICE}/${method}`,
  ];
  return {
    list: { args: [...security, address, "list"], prints: [SERVICE, "grpc.health.v1.Health"] },
    describe: {
      args: [...security, address, "describe", `${SERVICE}.Find`],
      prints: ["rpc Find ( .proof.shelf.v1.FindRequest ) returns ( .proof.shelf.v1.Book )"],
    },
    unary: { args: call("Find", '{"title":"Middlemarch"}'), prints: ['"pages":880'] },
    headers: {
      args: call("Find", '{"title":"Middlemarch"}', "-v", "-H", "x-request-id: 1"),
      prints: ["x-shelf: north", '"pages":880'],
    },
    server_stream: { args: call("Browse", "{}"), prints: ['"title":"Middlemarch"', '"title":"Effi Briest"'] },
    client_stream: { args: call("Fill", '{"title":"A"}{"title":"B"}'), prints: ['"books":2'] },
    bidi_stream: { args: call("Exchange", '{"title":"Effi Briest"}{"title":"Middlemarch"}'), prints: ['"pages":352'] },
    error: {
      args: call("Find", '{"title":"Emma"}'),
      code: NOT_FOUND,
      prints: ["Code: NotFound", "Message: Emma isn't on the shelf"],
    },
    error_details: {
      args: call("Find", '{"title":"Emma"}'),
      code: NOT_FOUND,
      prints: READABLE_DETAILS,
      silentAbout: ["@error"],
    },
    deadline: {
      args: call("Bind", "{}", "-max-time", "1"),
      code: DEADLINE_EXCEEDED,
      prints: ["Code: DeadlineExceeded"],
    },
    unknown_method: {
      args: [...security, address, `${SERVICE}/Burn`],
      code: 1,
      prints: ["does not include a method named"],
    },
    unknown_service: {
      args: [...security, "-d", "{}", address, "grpc.channelz.v1.Channelz/GetServers"],
      code: 1,
      prints: ["does not expose service"],
    },
    health: {
      args: [...security, "-d", JSON.stringify({ service: SERVICE }), address, "grpc.health.v1.Health/Check"],
      prints: ['"status":"SERVING"'],
    },
    health_unknown: {
      args: [...security, "-d", '{"service":"nobody"}', address, "grpc.health.v1.Health/Check"],
      code: NOT_FOUND,
      prints: ["Code: NotFound"],
    },
    health_list: {
      args: [...security, "-d", "{}", address, "grpc.health.v1.Health/List"],
      prints: [`"${SERVICE}":{`, '"status":"SERVING"'],
    },
  };
}
