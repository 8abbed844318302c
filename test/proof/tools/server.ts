// A generated server for everyday tools: `server.js [certificate key]`. It says `listening on <port>`.
import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { NotOnShelfError } from "../gen/tools/proof/shelf/v1/errors.js";
import { createShelfV1Server } from "../gen/tools/proof/shelf/v1/server.js";
import type { BookSchema } from "../gen/tools/proof/shelf/v1/shelf_pb.js";
import type { ShelfServiceServicer } from "../gen/tools/proof/shelf/v1/shelf_servicer.js";
import { programLogger } from "../program-logger.js";

type BookInit = MessageInitShape<typeof BookSchema>;

const BOOKS: readonly BookInit[] = [
  { title: "Middlemarch", pages: 880 },
  { title: "Effi Briest", pages: 352 },
];

const shelf: ShelfServiceServicer = {
  async find({ title }, context) {
    context.responseHeaders.set("x-shelf", "north");
    return find(title);
  },
  async *browse(): AsyncGenerator<BookInit> {
    yield* BOOKS;
  },
  async fill(books) {
    let count = 0;
    for await (const _ of books) {
      count += 1;
    }
    return { books: count };
  },
  async *exchange(requests): AsyncGenerator<BookInit> {
    for await (const { title } of requests) {
      yield find(title);
    }
  },
  async bind({ title }, context) {
    await sleep(60_000, undefined, { signal: context.signal });
    return find(title);
  },
};

function find(title: string): BookInit {
  const book = BOOKS.find((one) => one.title === title);
  if (book === undefined) {
    throw new NotOnShelfError({ title });
  }
  return book;
}

const [certificate, key] = process.argv.slice(2);
const server = createShelfV1Server(
  { shelf },
  {
    logger: programLogger,
    drainMs: 1_000,
    reflection: true,
    http: {},
    ...(certificate === undefined || key === undefined ? undefined : { tls: { cert: certificate, key } }),
  },
);
const { port } = await server.start("127.0.0.1:0");
process.stdout.write(`listening on ${port}\n`);
