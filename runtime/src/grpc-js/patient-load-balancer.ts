import { connectivityState, experimental } from "@grpc/grpc-js";
import type { MethodConfig } from "../wire/service-config.js";
import { type AttemptsByName, attemptsByName, attemptsOf } from "./attempts-by-method.js";
import { countingPicker } from "./call-attempts.js";
import { endInOrder } from "./closed-sessions.js";
import { limitConnecting } from "./connect-timeout.js";
import { widenConnection } from "./connection-window.js";
import { followCalls, lifeOf } from "./followed-calls.js";
import { KEEPALIVE_OFF, KEEPALIVE_OPTION, type KeepalivePolicy, WINDOW_OPTION } from "./keepalive-policy.js";
import { hasAllFor, tellMissing } from "./known-grpc-js.js";
import { weighingPicker } from "./load-weights.js";
import { PRIVATE_NAMES, type Subchannel, transportOf } from "./private-names.js";
import { checkResponseFrames } from "./response-frames.js";
import { SilentConnections } from "./silent-connections.js";

type LoadBalancer = experimental.LoadBalancer;
type LoadBalancingConfig = experimental.TypedLoadBalancingConfig;
type Helper = experimental.ChannelControlHelper;
type UpdateAddresses = Parameters<LoadBalancer["updateAddressList"]>;
type ChannelOptions = UpdateAddresses[2];
type StateUpdate = Parameters<Helper["updateState"]>;

const NAME = "accord_patient";
/** How long calls wait for a name's next addresses. A look-up answers within a second of the last one: this is for DNS servers that don't. */
export const NAME_PATIENCE_MS = 2_000;

/** What is patient about a channel. */
export interface PatienceInit {
  /** How long calls wait for a name's next addresses, in milliseconds. */
  readonly patienceMs: number;
  /** Which calls may be attempted again. */
  readonly methodConfig: readonly MethodConfig[] | undefined;
}

/**
 * Wraps the load balancing policies of a service config, and leaves to them where calls go:
 *
 * - When the last connection is gone and the name is being looked up again, calls wait for what comes of it, for `patienceMs`
 *   in all. grpc-js fails them at once, although in a rollout the next addresses are a look-up away. Where there is nothing to look
 *   up, nothing is waited for: 0.
 * - An attempt to connect has its time, see {@link limitConnecting}.
 * - A connection that is dead is given up, be it closing or not, see {@link ConnectionLife}.
 * - A connection that has fallen silent gets no new calls while others can take them, see {@link SilentConnections}.
 * - Calls that are measured see each of their attempts.
 * - What backends report of their load is read once, see {@link weighingPicker}.
 */
export function patientLoadBalancing(policies: readonly object[] | undefined, init: PatienceInit): object[] {
  if (!experimental.isLoadBalancerNameRegistered(NAME)) {
    experimental.registerLoadBalancerType(NAME, PatientLoadBalancer, PatientConfig);
  }
  const child = policies?.length ? policies : [{ pick_first: {} }];
  return [{ [NAME]: { child, patience_ms: init.patienceMs, attempts: attemptsByName(init.methodConfig) } }];
}

class PatientConfig implements LoadBalancingConfig {
  readonly child: LoadBalancingConfig;
  readonly patienceMs: number;
  readonly attempts: AttemptsByName;

  constructor(child: LoadBalancingConfig, patienceMs: number, attempts: AttemptsByName) {
    this.child = child;
    this.patienceMs = patienceMs;
    this.attempts = attempts;
  }

  static createFromJson({
    child,
    patience_ms: patienceMs,
    attempts,
  }: {
    child: Parameters<typeof experimental.selectLbConfigFromList>[0];
    patience_ms: number;
    attempts: AttemptsByName;
  }): PatientConfig {
    const selected = experimental.selectLbConfigFromList(child, true);
    if (selected === null) {
      throw new Error("grpc-js can use none of the policies in loadBalancingConfig");
    }
    return new PatientConfig(selected, patienceMs, attempts);
  }

  getLoadBalancerName(): string {
    return NAME;
  }

  toJsonObject(): object {
    const { patienceMs, attempts } = this;
    return { [NAME]: { child: [this.child.toJsonObject()], patience_ms: patienceMs, attempts } };
  }
}

class PatientLoadBalancer implements LoadBalancer {
  readonly #helper: Helper;
  readonly #child: experimental.ChildLoadBalancerHandler;
  readonly #silent = new SilentConnections();
  #options: ChannelOptions = {};
  #attempts: AttemptsByName = {};
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
          improveConnections(subchannel.getRealSubchannel(), this.#options, this.#attempts);
          return hasAllFor("silence") ? this.#silent.watch(subchannel) : subchannel;
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
    this.#options = options;
    // Without retries, what is ended is lost.
    this.#attempts = options["grpc.enable_retries"] === 0 ? {} : config.attempts;
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
    this.#helper.updateState(state, countingPicker(weighingPicker(picker)), error);
  }
}

// Channels with the same target share subchannels, and each is asked for again with each list of addresses.
const watched = new WeakSet<Subchannel>();

/** Has each connection come about in time and watched, checks what comes on it, and has it take much at a time. */
function improveConnections(subchannel: Subchannel, options: ChannelOptions, attempts: AttemptsByName): void {
  if (watched.has(subchannel)) {
    return;
  }
  watched.add(subchannel);
  if (hasAllFor("connecting")) {
    limitConnecting(subchannel);
  }
  if (hasAllFor("frames")) {
    checkResponseFrames(subchannel);
  }
  if (hasAllFor("silence")) {
    const init = {
      policy: policyOf(options),
      pace: { slowness: 1 },
      firstWindowBytes: Number(options[WINDOW_OPTION]),
      name: subchannel.getAddress(),
    };
    followCalls(subchannel, init, (path) => attemptsOf(attempts, path));
  }
  subchannel.addConnectivityStateListener((_subchannel, _before, state) => {
    if (state === connectivityState.READY) {
      // It has its connection only after it has told everybody that it is ready.
      process.nextTick(improveConnection, subchannel);
    }
  });
}

function improveConnection(subchannel: Subchannel): void {
  const transport = transportOf(subchannel);
  if (transport === undefined) {
    // It is gone already, or grpc-js keeps it elsewhere, as was told before.
    return;
  }
  const missing = (["session", "activeCalls"] as const).filter((name) => transport[name] === undefined);
  tellMissing(missing.map((name) => PRIVATE_NAMES[name]));
  const { session } = transport;
  if (session !== undefined && session !== null) {
    lifeOf(subchannel);
    endInOrder(session);
    widenConnection(session);
  }
}

/** As the channel has put it there. */
function policyOf(options: ChannelOptions): KeepalivePolicy {
  const json = options[KEEPALIVE_OPTION];
  return typeof json === "string" ? (JSON.parse(json) as KeepalivePolicy) : KEEPALIVE_OFF;
}
