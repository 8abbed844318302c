import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const TYPE_A = 1;
const NO_ERROR = 0;
const NAME_ERROR = 3;
const HEADER_BYTES = 12;

/** How long an answer may be kept, in seconds: none at all, so that what changes is seen at the next look-up. */
const TIME_TO_LIVE_S = 0;

/**
 * A DNS server over UDP for one name, whose records change while it runs: what a headless Service is in a cluster.
 * Each answer has the records in another order, as a cluster's has.
 */
export class DnsServer {
  readonly name: string;
  /** How often the name's addresses were asked for. */
  lookUps = 0;
  readonly #socket: Socket;
  #addresses: readonly string[] = [];

  private constructor(name: string) {
    this.name = name;
    this.#socket = createSocket("udp4");
    this.#socket.on("message", (query, { port, address }) => {
      const answer = this.#answer(query);
      if (answer !== undefined) {
        this.#socket.send(answer, port, address);
      }
    });
  }

  /** Starts a server for `name`. @throws {Error} if the address can't be listened on */
  static async start(name: string, host: string, port: number): Promise<DnsServer> {
    const server = new DnsServer(name);
    server.#socket.bind(port, host);
    await once(server.#socket, "listening");
    return server;
  }

  /** `127.0.0.1:40053` */
  get address(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${port}`;
  }

  /** The addresses that the name has now. Without any, there is no such name. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Adds records. */
  add(...addresses: readonly string[]): void {
    this.replace([...this.#addresses, ...addresses]);
  }

  /** Removes records. */
  remove(...addresses: readonly string[]): void {
    this.replace(this.#addresses.filter((address) => !addresses.includes(address)));
  }

  /** Changes all records at once. */
  replace(addresses: readonly string[]): void {
    this.#addresses = addresses;
  }

  close(): void {
    this.#socket.close();
  }

  #answer(query: Buffer): Buffer | undefined {
    const question = readQuestion(query);
    if (question === undefined) {
      return undefined;
    }
    const isOurs = question.name === this.name && this.#addresses.length > 0;
    const asked = isOurs && question.type === TYPE_A;
    if (asked) {
      this.lookUps += 1;
    }
    const records = asked ? shuffled(this.#addresses).map(addressRecord) : [];
    const header = Buffer.alloc(HEADER_BYTES);
    query.copy(header, 0, 0, 2);
    // An authoritative response; "recursion desired" goes back as it came.
    header.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | (isOurs ? NO_ERROR : NAME_ERROR), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    return Buffer.concat([header, query.subarray(HEADER_BYTES, question.end), ...records]);
  }
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where in the query it ends. */
  readonly end: number;
}

function readQuestion(query: Buffer): Question | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > 63) {
      return undefined;
    }
    at += 1;
    if (length === 0) {
      break;
    }
    labels.push(query.toString("latin1", at, at + length));
    at += length;
  }
  return at + 4 > query.length
    ? undefined
    : { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at), end: at + 4 };
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  // The name is the question's.
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TIME_TO_LIVE_S, 6);
  record.writeUInt16BE(4, 10);
  Buffer.from(address.split(".").map(Number)).copy(record, 12);
  return record;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}
