import type { CallContext } from "../call/call-context.js";
import type { Channel } from "../channel/channel.js";
import { type InProcessOptions, inProcessChannel } from "../in-process/in-process-channel.js";
import type { BoundService } from "../server/bind-service.js";
import { unimplemented } from "../server/unimplemented.js";
import { silentLogger } from "./call-context.js";

/**
 * A generated client whose server is a few functions: `fakeClient(LedgerServiceClient, bindLedgerService, { transfer: async () => ({}) })`.
 *
 * It is the client itself, in front of the service's own wrappers: `.result`, declared errors, deadlines, streams and what TypeScript
 * says of all of them are as they are over a network. Mocks of a test runner are functions too, and remember their calls. Methods
 * that aren't given are UNIMPLEMENTED.
 *
 * @param options default: nothing is logged, and nobody needs credentials but for methods whose contract says so
 */
export function fakeClient<Client, Servicer extends object>(
  clientClass: new (channel: Channel) => Client,
  bind: (servicer: Servicer) => BoundService,
  methods: NoInfer<Partial<Servicer>>,
  options: InProcessOptions = {},
): Client {
  // What any object has is no method that was given.
  const servicer = new Proxy(methods, {
    get: (given, name) => {
      const value: unknown = Reflect.get(given, name);
      const isGiven = value !== undefined && value !== Reflect.get(Object.prototype, name);
      return isGiven || typeof name === "symbol" ? value : notGiven;
    },
  });
  const bound = bind(servicer as Servicer);
  return new clientClass(inProcessChannel([bound], { logger: silentLogger, ...options }));
}

function notGiven(_: unknown, context: CallContext): never {
  throw unimplemented(context);
}
