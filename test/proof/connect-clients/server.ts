// A generated server for Connect's clients in other languages. It says `listening on <port>`.
import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BookSchema } from "../gen/connect-clients/proof/desk/v1/desk_pb.js";
import type { DeskServiceServicer } from "../gen/connect-clients/proof/desk/v1/desk_servicer.js";
import { InvalidReaderError, OnLoanError } from "../gen/connect-clients/proof/desk/v1/errors.js";
import { createDeskV1Server } from "../gen/connect-clients/proof/desk/v1/server.js";
import { programLogger } from "../program-logger.js";

type BookInit = MessageInitShape<typeof BookSchema>;

/** Of a book whose title is `long`: enough to be worth compressing. */
const LONG_TEXT = "Miss Brooke had that kind of beauty. ".repeat(100);
/** Of a book whose title is `too long`: more than a response may have. */
const TOO_LONG_TEXT = "x".repeat(100_000);

const cancelled = new Set<string>();

const desk: DeskServiceServicer = {
  async find({ title }, context) {
    context.responseHeaders.set("x-desk", String(context.requestMetadata.get("x-reader")));
    context.responseTrailers.set("x-desk-closes", "18:00");
    context.responseTrailers.set("x-desk-seal-bin", Buffer.from([0, 255, 1]));
    return book(title);
  },
  async reserve({ title, reader }) {
    if (reader === "") {
      const fieldViolations = [{ field: "reader", description: "must not be empty" }];
      throw new InvalidReaderError({ reader: "nobody" }, { badRequest: { fieldViolations } });
    }
    if (title === "burnt") {
      throw new Error("secret: postgres://desk:hunter2@db/books");
    }
    throw new OnLoanError({ title });
  },
  async *browse({ books }): AsyncGenerator<BookInit> {
    for (let index = 0; index < Math.min(books, 3); index += 1) {
      yield book("long");
    }
    if (books > 3) {
      throw new OnLoanError({ title: "the fourth" });
    }
  },
  async return(books) {
    let count = 0;
    for await (const _ of books) {
      count += 1;
    }
    return { books: count };
  },
  async *exchange(requests): AsyncGenerator<BookInit> {
    for await (const { title } of requests) {
      yield book(title);
    }
  },
  async bind({ title }, context) {
    await outlast(title, context.signal);
    return book(title);
  },
  async *follow({ title }, context): AsyncGenerator<BookInit> {
    yield book(title);
    await outlast(title, context.signal);
  },
  async wasCancelled({ title }) {
    return { cancelled: cancelled.has(title) };
  },
};

function book(title: string): BookInit {
  const texts: Readonly<Record<string, string>> = { long: LONG_TEXT, "too long": TOO_LONG_TEXT };
  return { title, pages: 880, text: texts[title] ?? "" };
}

async function outlast(title: string, signal: AbortSignal): Promise<void> {
  try {
    await sleep(60_000, undefined, { signal });
  } finally {
    cancelled.add(title);
  }
}

const server = createDeskV1Server({ desk }, { logger: programLogger, drainMs: 1_000, http: {} });
const { port } = await server.start("127.0.0.1:0");
process.stdout.write(`listening on ${port}\n`);
