import type { OutgoingHttpHeaders } from "node:http2";
import type { Answer } from "./answer.js";
import { Connection, type Target, type WireCall } from "./connection.js";

/** Makes calls, over one connection as long as the server leaves it open. */
export class Caller {
  readonly target: Target;
  readonly #metadata: OutgoingHttpHeaders;
  #connection: Connection;

  private constructor(target: Target, metadata: OutgoingHttpHeaders, connection: Connection) {
    this.target = target;
    this.#metadata = metadata;
    this.#connection = connection;
  }

  /**
   * @param metadata sent with each call
   * @throws UnreachableError
   */
  static async connect(target: Target, metadata: OutgoingHttpHeaders): Promise<Caller> {
    return new Caller(target, metadata, await Connection.open(target));
  }

  /** @throws UnreachableError if the connection is gone, and there is no new one to be had */
  async call(
    call: Omit<WireCall, "metadata"> & { readonly metadata?: OutgoingHttpHeaders | undefined },
  ): Promise<Answer> {
    const connection = await this.connection();
    return connection.call({ ...call, metadata: { ...this.#metadata, ...call.metadata } });
  }

  /** A connection that takes calls. */
  async connection(): Promise<Connection> {
    if (!this.#connection.isUsable) {
      this.#connection = await Connection.open(this.target);
    }
    return this.#connection;
  }

  /** What is sent with each call. */
  get metadata(): OutgoingHttpHeaders {
    return this.#metadata;
  }

  close(): void {
    this.#connection.close();
  }
}
