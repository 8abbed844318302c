import type { ClientHttp2Session } from "node:http2";
import { connectivityState, experimental } from "@grpc/grpc-js";
import { countingPicker } from "./call-attempts.js";
import { endInOrder } from "./closed-sessions.js";
import { keepAliveWhileClosing } from "./closing-session.js";
import { limitConnecting } from "./connect-timeout.js";
import { widenConnection } from "./connection-window.js";
import { makeRequestsLightly } from "./light-requests.js";
import { checkResponseFrames } from "./response-frames.js";
import { SilentConnections } from "./silent-connections.js";

type LoadBalancer = experimental.LoadBalancer;
type LoadBalancingConfig = experimental.TypedLoadBalancingConfig;
type Helper = experimental.ChannelControlHelper;
type UpdateAddresses = Parameters<LoadBalancer["updateAddressList"]>;
type StateUpdate = Parameters<Helper["updateState"]>;
type Subchannel = ReturnType<experimental.SubchannelInterface["getRealSubchannel"]>;

const NAME = "accord_patient";
/** How long calls wait for a name's next addresses. A look-up answers within a second of the last one: this is for DNS servers that don't. */
export const NAME_PATIENCE_MS = 2_000;

/**
 * Wraps the load balancing policies of a service config, and leaves to them where calls go:
 *
 * - When the last connection is gone and the name is being looked up again, calls wait for what comes of it, for `patienceMs`
 *   in all. grpc-js fails them at once, although in a rollout the next addresses are a look-up away. Where there is nothing to look
 *   up, nothing is waited for: 0.
 * - An attempt to connect has its time, see {@link limitConnecting}.
 * - A connection that is closing goes on until its last call ends.
 * - A connection that has fallen silent gets no new calls while others can take them, see {@link SilentConnections}.
 * - Calls that are measured see each of their attempts.
 */
export function patientLoadBalancing(policies: readonly object[] | undefined, patienceMs: number): object[] {
  if (!experimental.isLoadBalancerNameRegistered(NAME)) {
    experimental.registerLoadBalancerType(NAME, PatientLoadBalancer, PatientConfig);
  }
  return [{ [NAME]: { child: policies?.length ? policies : [{ pick_first: {} }], patience_ms: patienceMs } }];
}

class PatientConfig implements LoadBalancingConfig {
  readonly child: LoadBalancingConfig;
  readonly patienceMs: number;

  constructor(child: LoadBalancingConfig, patienceMs: number) {
    this.child = child;
    this.patienceMs = patienceMs;
  }

  static createFromJson({
    child,
    patience_ms: patienceMs,
  }: {
    child: Parameters<typeof experimental.selectLbConfigFromList>[0];
    patience_ms: number;
  }): PatientConfig {
    const selected = experimental.selectLbConfigFromList(child, true);
    if (selected === null) {
      throw new Error("grpc-js can use none of the policies in loadBalancingConfig");
    }
    return new PatientConfig(selected, patienceMs);
  }

  getLoadBalancerName(): string {
    return NAME;
  }

  toJsonObject(): object {
    return { [NAME]: { child: [this.child.toJsonObject()], patience_ms: this.patienceMs } };
  }
}

class PatientLoadBalancer implements LoadBalancer {
  readonly #helper: Helper;
  readonly #child: experimental.ChildLoadBalancerHandler;
  readonly #silent = new SilentConnections();
  /** Whether there has been a connection since calls failed for want of one. */
  #wasReady = false;
  #isLookingUp = false;
  #patienceMs = 0;
  /** When it began to be without a connection, though calls want one. `performance.now()`. */
  #wantingSince: number | undefined;
  #updates = 0;
  /** That no address can be reached, while it isn't said yet. */
  #unsaid: { readonly update: StateUpdate; readonly timer: NodeJS.Timeout } | undefined;

  constructor(helper: Helper) {
    this.#helper = helper;
    this.#child = new experimental.ChildLoadBalancerHandler(
      experimental.createChildChannelControlHelper(helper, {
        createSubchannel: (...args) => {
          const subchannel = helper.createSubchannel(...args);
          improveConnections(subchannel.getRealSubchannel());
          return this.#silent.watch(subchannel);
        },
        updateState: (...update) => this.#update(update),
        requestReresolution: () => {
          if (this.#silent.isDistrusting) {
            return;
          }
          this.#isLookingUp = true;
          helper.requestReresolution();
        },
      }),
    );
  }

  updateAddressList(...[endpoints, config, options, note]: UpdateAddresses): boolean {
    if (!(config instanceof PatientConfig)) {
      return false;
    }
    this.#isLookingUp = false;
    this.#patienceMs = config.patienceMs;
    const accepted = this.#child.updateAddressList(endpoints, config.child, options, note);
    // Nothing new came of the look-up, so what was held back is how it is.
    this.#say();
    return accepted;
  }

  exitIdle(): void {
    this.#child.exitIdle();
  }

  resetBackoff(): void {
    this.#child.resetBackoff();
  }

  destroy(): void {
    clearTimeout(this.#unsaid?.timer);
    this.#unsaid = undefined;
    this.#silent.stop();
    this.#child.destroy();
  }

  getTypeName(): string {
    return NAME;
  }

  #update(update: StateUpdate): void {
    const [state] = update;
    this.#updates += 1;
    if (state === connectivityState.TRANSIENT_FAILURE) {
      const updates = this.#updates;
      this.#silent.trustAll();
      if (this.#updates !== updates) {
        // There were some, and the policy has said meanwhile what it makes of them.
        return;
      }
    }
    const leftMs = this.#patienceLeft(state);
    clearTimeout(this.#unsaid?.timer);
    const isHeldBack = this.#unsaid !== undefined;
    this.#unsaid = undefined;
    if (state !== connectivityState.TRANSIENT_FAILURE || !this.#wasReady || !this.#isLookingUp || leftMs <= 0) {
      this.#pass(update);
      return;
    }
    this.#unsaid = { update, timer: setTimeout(() => this.#say(), leftMs) };
    if (!isHeldBack) {
      this.#tell([connectivityState.CONNECTING, new experimental.QueuePicker(this), null]);
    }
  }

  /** What is left of the patience, which isn't begun anew by another failure. */
  #patienceLeft(state: StateUpdate[0]): number {
    if (state === connectivityState.READY || state === connectivityState.IDLE) {
      this.#wantingSince = undefined;
      return this.#patienceMs;
    }
    this.#wantingSince ??= performance.now();
    return this.#patienceMs - (performance.now() - this.#wantingSince);
  }

  #say(): void {
    if (this.#unsaid !== undefined) {
      clearTimeout(this.#unsaid.timer);
      const { update } = this.#unsaid;
      this.#unsaid = undefined;
      this.#pass(update);
    }
  }

  #pass(update: StateUpdate): void {
    const [state] = update;
    if (state === connectivityState.READY) {
      this.#wasReady = true;
    } else if (state === connectivityState.TRANSIENT_FAILURE) {
      this.#wasReady = false;
    }
    this.#tell(update);
  }

  #tell([state, picker, error]: StateUpdate): void {
    this.#helper.updateState(state, countingPicker(picker), error);
  }
}

/** What grpc-js's subchannel keeps: its connection. */
interface SubchannelInside {
  readonly transport?: { readonly session?: ClientHttp2Session } | null;
}

// Channels with the same target share subchannels, and each is asked for again with each list of addresses.
const watched = new WeakSet<Subchannel>();

/** Has each connection come about in time, keep its calls when it is closing, make its requests at little cost, and take much at a time. */
function improveConnections(subchannel: Subchannel): void {
  if (watched.has(subchannel)) {
    return;
  }
  watched.add(subchannel);
  limitConnecting(subchannel);
  checkResponseFrames(subchannel);
  subchannel.addConnectivityStateListener((_subchannel, _before, state) => {
    if (state === connectivityState.READY) {
      // It has its connection only after it has told everybody that it is ready.
      process.nextTick(() => {
        // It isn't part of grpc-js's interface: a version without it goes on as it does by itself.
        const session = (subchannel as unknown as SubchannelInside).transport?.session;
        if (session !== undefined) {
          endInOrder(session);
          keepAliveWhileClosing(session);
          makeRequestsLightly(session);
          widenConnection(session);
        }
      });
    }
  });
}
