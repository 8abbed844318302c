import { SERVER_NAME } from "../interop/peer.js";
import { READABLE_DETAILS, type ToolCase, type ToolTarget } from "./tool-case.js";

const SERVICE = "proof.shelf.v1.ShelfService";
/** buf curl exits with eight times the status. */
const NOT_FOUND = 5 * 8;

/** What `buf curl` speaks. */
export const BUF_CURL_PROTOCOLS = ["grpc", "grpcweb", "connect"] as const;

/** What `buf curl` is tried with, over each of its protocols; it knows the server by its reflection alone. */
export function bufCurlCases(
  { port, ca }: ToolTarget,
  protocol: (typeof BUF_CURL_PROTOCOLS)[number],
): Readonly<Record<string, ToolCase>> {
  const flags = [
    ...["curl", "--protocol", protocol, "--reflect-protocol", "grpc-v1"],
    ...(ca === undefined ? ["--http2-prior-knowledge"] : ["--cacert", ca, "--servername", SERVER_NAME]),
  ];
  const url = `${ca === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const call = (method: string, data: string, ...more: string[]) => [
    ...[...flags, ...more, "--data", data],
    `${url}/${SERVICE}/${method}`,
  ];
  return {
    list_services: { args: [...flags, "--list-services", url], prints: [SERVICE] },
    list_methods: { args: [...flags, "--list-methods", url], prints: [`${SERVICE}/Exchange`] },
    unary: { args: call("Find", '{"title":"Middlemarch"}'), prints: ['"pages":880'] },
    headers: {
      args: call("Find", '{"title":"Middlemarch"}', "--verbose", "--header", "x-request-id: 1"),
      prints: ["X-Shelf: north", '"pages":880'],
    },
    server_stream: { args: call("Browse", "{}"), prints: ['"title":"Middlemarch"', '"title":"Effi Briest"'] },
    client_stream: { args: call("Fill", '{"title":"A"}{"title":"B"}'), prints: ['"books":2'] },
    bidi_stream: { args: call("Exchange", '{"title":"Effi Briest"}{"title":"Middlemarch"}'), prints: ['"pages":352'] },
    error: {
      args: call("Find", '{"title":"Emma"}'),
      code: NOT_FOUND,
      prints: ['"code":"not_found"', `"message":"Emma isn't on the shelf"`],
    },
    error_details: { args: call("Find", '{"title":"Emma"}'), code: NOT_FOUND, prints: READABLE_DETAILS },
  };
}
