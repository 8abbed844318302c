import { request as http1Request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";

/** A way to call a server over the web. */
export interface WebProtocol {
  readonly name: string;
  readonly protocol: "connect" | "grpc-web";
  readonly httpVersion: "1.1" | "2";
  readonly format: "proto" | "json";
}

/** All of them. */
export const WEB_PROTOCOLS: readonly WebProtocol[] = (["connect", "grpc-web"] as const).flatMap((protocol) =>
  (["1.1", "2"] as const).flatMap((httpVersion) =>
    (["proto", "json"] as const).map((format) => ({
      name: `${protocol}, ${format}, HTTP/${httpVersion}`,
      protocol,
      httpVersion,
      format,
    })),
  ),
);

/** A client's end of it, by connect's own client. */
export function transportOf({ protocol, httpVersion, format }: WebProtocol, port: number): Transport {
  const make = protocol === "connect" ? createConnectTransport : createGrpcWebTransport;
  return make({ baseUrl: `http://127.0.0.1:${port}`, httpVersion, useBinaryFormat: format === "proto" });
}

/** The content type of its requests. */
export function contentTypeOf({ protocol, format }: WebProtocol, isUnary: boolean): string {
  if (protocol === "grpc-web") {
    return `application/grpc-web+${format}`;
  }
  return isUnary ? `application/${format}` : `application/connect+${format}`;
}

/** A body with one message in it. */
export function bodyOf({ protocol }: WebProtocol, isUnary: boolean, message: Uint8Array): Buffer {
  if (protocol === "connect" && isUnary) {
    return Buffer.from(message);
  }
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A request that is under way. */
export interface RawRequest {
  readonly answer: Promise<RawAnswer>;
  /** Drops the connection. */
  destroy(): void;
}

/** Sends bytes over HTTP, as no client of a protocol would. @param body left open unless `isWhole` */
export function rawRequest(
  port: number,
  init: {
    readonly httpVersion: "1.1" | "2";
    readonly method?: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Uint8Array;
    readonly isWhole?: boolean;
  },
): RawRequest {
  return init.httpVersion === "2" ? rawHttp2(port, init) : rawHttp1(port, init);
}

type Init = Parameters<typeof rawRequest>[1];

function rawHttp1(port: number, { method = "POST", path, headers = {}, body, isWhole = true }: Init): RawRequest {
  const request = http1Request({ port, host: "127.0.0.1", method, path, headers, agent: false });
  const answer = new Promise<RawAnswer>((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      collect(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        reject,
      );
    });
  });
  answer.catch(() => {});
  send(request, body, isWhole);
  return { answer, destroy: () => void request.destroy() };
}

function rawHttp2(port: number, { method = "POST", path, headers = {}, body, isWhole = true }: Init): RawRequest {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream: false });
  const answer = new Promise<RawAnswer>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("response", ({ ":status": status = 0, ...received }) => {
      collect(stream)
        .then((text) => resolve({ status: Number(status), headers: received, body: text }), reject)
        .finally(() => session.close());
    });
  });
  answer.catch(() => {});
  send(stream, body, isWhole);
  return { answer, destroy: () => void session.destroy() };
}

function send(to: NodeJS.WritableStream, body: Uint8Array | undefined, isWhole: boolean): void {
  if (body !== undefined) {
    to.write(body);
  }
  if (isWhole) {
    to.end();
  }
}

async function collect(from: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of from) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("latin1");
}
