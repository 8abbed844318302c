import type { ClientHttp2Session } from "node:http2";
import { permittedPingInterval } from "../wire/ping-permission.js";
import type { KeepalivePolicy } from "./keepalive-policy.js";
import { PingBudget } from "./ping-budget.js";

/** What is used of a session to ask its peer. */
export type AskedSession = Pick<
  ClientHttp2Session,
  "closed" | "destroyed" | "ping" | "settings" | "pendingSettingsAck" | "on"
> & { readonly socket?: { readonly bytesRead?: number } };

/**
 * Questions that a connection's peer has to answer at once: by PING as far as the policy and the peer permit it, else by an empty
 * SETTINGS frame, which has to be acknowledged as well. A closing session of Node's sends no PING at all.
 */
export class PeerQuestions {
  readonly #session: AskedSession;
  readonly #policy: KeepalivePolicy;
  readonly #budget = new PingBudget();
  #permittedMs: number | undefined;
  #bytesReadAtAnswer = 0;

  constructor(session: AskedSession, policy: KeepalivePolicy) {
    this.#session = session;
    this.#policy = policy;
    session.on("ping", (payload: Buffer) => {
      this.#permittedMs = permittedPingInterval(payload) ?? this.#permittedMs;
    });
  }

  /** How often the peer permits pings, if it says. */
  get permittedMs(): number | undefined {
    return this.#permittedMs;
  }

  /** @param isDue whether it is the keepalive's own. Returns false if nothing can be asked now */
  ask(isDue: boolean, answered: () => void): boolean {
    const session = this.#session;
    if (session.destroyed) {
      return false;
    }
    if (!session.closed && this.#mayPing(isDue)) {
      return session.ping((error) => {
        if (error === null) {
          this.#bytesReadAtAnswer = this.#bytesRead;
          this.#budget.answered();
          answered();
        }
      });
    }
    return this.askBySettings(answered);
  }

  /** Asks by an empty SETTINGS, which no peer takes amiss. Returns false if one is unanswered. */
  askBySettings(answered: () => void): boolean {
    const session = this.#session;
    // Node ends a session whose peer owes it too many acknowledgements.
    if (session.destroyed || session.pendingSettingsAck) {
      return false;
    }
    session.settings({}, () => answered());
    return true;
  }

  /** Headers or data have come to a call, though maybe a while ago. */
  dataCame(): void {
    // Node makes it dear to look at a session's socket.
    if (this.#budget.isUsed && this.#bytesRead > this.#bytesReadAtAnswer) {
      this.#budget.dataCame();
    }
  }

  get #bytesRead(): number {
    return this.#session.socket?.bytesRead ?? 0;
  }

  #mayPing(isDue: boolean): boolean {
    const { pings } = this.#policy;
    if (pings === "off") {
      return false;
    }
    if (this.#permittedMs !== undefined) {
      return true;
    }
    return (isDue || pings !== "spare") && this.#budget.take(performance.now());
  }
}
