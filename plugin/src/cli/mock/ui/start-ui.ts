import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ContractMock } from "@accord-grpc/runtime/testing";
import { readStream } from "../../../bounded-input.js";
import { messageOf } from "../../../thrown-message.js";
import { type AskedAnswer, readAsked, ruleOf } from "./asked-answer.js";
import { CallFeed } from "./call-feed.js";
import { pageText } from "./page.js";

/** A page that is served. */
export interface Ui {
  /** `http://127.0.0.1:41233/` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the page of a mock, to this machine alone: what is served, the calls as they come, and buttons for errors and faults.
 *
 * @param port 0 is any free one
 * @throws {Error} in one line, if the port can't be listened on
 */
export async function startUi(mock: ContractMock, port: number): Promise<Ui> {
  const feed = new CallFeed(mock);
  const server = createServer((request, response) => {
    serve(mock, feed, request, response).catch((error: unknown) => {
      answer(response, 400, "text/plain", messageOf(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === "EADDRINUSE"
          ? "something else is listening there. Stop it, or choose another --ui-port"
          : cause.message;
      reject(new Error(`Can't serve the page on port ${port}: ${why}`, { cause }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        feed.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  mock: ContractMock,
  feed: CallFeed,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isOwnHost(request)) {
    answer(response, 421, "text/plain", "This page is for 127.0.0.1 and localhost alone.");
    return;
  }
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  switch (`${request.method} ${pathname}`) {
    case "GET /": {
      const nonce = randomBytes(16).toString("base64");
      response.setHeader(
        "content-security-policy",
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      answer(response, 200, "text/html; charset=utf-8", pageText(nonce));
      return;
    }
    case "GET /events":
      feed.attach(response);
      return;
    case "POST /answers":
      await ask(mock, feed, request, response);
      return;
    default:
      answer(response, 404, "text/plain", "There is nothing here.");
  }
}

/** Says what the next call of a method is answered, or takes back what was said. */
async function ask(
  mock: ContractMock,
  feed: CallFeed,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A page from elsewhere can't send this header without asking, and is told no.
  if (request.headers["x-accord-mock-page"] === undefined || !isJson(request)) {
    answer(response, 403, "text/plain", "Only the mock's own page may say that.");
    return;
  }
  const asked: AskedAnswer = readAsked(Buffer.from(await readStream(request)).toString("utf8"), mock.methods);
  const rule = ruleOf(asked);
  if (rule === undefined) {
    mock.removeAdded(asked.method);
  } else {
    mock.add(rule);
  }
  feed.said(asked);
  answer(response, 204, "text/plain", "");
}

function isOwnHost({ headers: { host = "" } }: IncomingMessage): boolean {
  return /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host);
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers["content-type"]?.startsWith("application/json") === true;
}

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
  response.end(text);
}
