import type { ServerResponse } from "node:http";
import { type ContractMock, FAULTS, type MockCall, shownCall } from "@accord-grpc/runtime/testing";
import type { AskedAnswer } from "./asked-answer.js";

// A page that doesn't read is let go before it costs much.
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;
const MOST_PAGES = 20;
/** So many calls does a page begin with. */
const FIRST_CALLS = 100;

/** Tells pages of a mock's calls as they come, as server-sent events. What the contract redacts is in none of them. */
export class CallFeed {
  readonly #mock: ContractMock;
  readonly #pages = new Set<ServerResponse>();
  readonly #forget: () => void;

  constructor(mock: ContractMock) {
    this.#mock = mock;
    this.#forget = mock.onCall((call) => this.#send("call", this.#shown(call)));
  }

  /** Tells a page from now on, beginning with what is served and the latest calls. */
  attach(page: ServerResponse): void {
    if (this.#pages.size >= MOST_PAGES) {
      page.writeHead(503).end();
      return;
    }
    page.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    this.#pages.add(page);
    page.on("close", () => this.#pages.delete(page));
    page.write(event("contract", this.#contract()));
    for (const call of this.#mock.calls.slice(-FIRST_CALLS)) {
      page.write(event("call", this.#shown(call)));
    }
  }

  /** A button was pressed. */
  said({ method, error, fault }: AskedAnswer): void {
    this.#send("said", { method: method.path, what: error ?? fault ?? "what the contract says" });
  }

  close(): void {
    this.#forget();
    for (const page of this.#pages) {
      page.end();
    }
  }

  #send(name: string, value: unknown): void {
    const text = event(name, value);
    for (const page of this.#pages) {
      if (page.writableLength > MOST_UNREAD_BYTES) {
        page.destroy();
      } else {
        page.write(text);
      }
    }
  }

  #shown(call: MockCall): unknown {
    const method = this.#mock.methods.find(({ path }) => path === call.path);
    return method && shownCall(call, method);
  }

  #contract(): unknown {
    return {
      seed: this.#mock.seed,
      faults: FAULTS,
      methods: this.#mock.methods.map(({ path, errors }) => ({ path, errors: [...errors.keys()] })),
    };
  }
}

// JSON has no line's end in it, which is what would end an event.
function event(name: string, value: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
