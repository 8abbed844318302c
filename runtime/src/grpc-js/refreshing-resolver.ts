import { experimental } from "@grpc/grpc-js";

type GrpcUri = experimental.GrpcUri;
type Resolver = experimental.Resolver;
type ResolverListener = experimental.ResolverListener;
type ResolverOptions = Parameters<typeof experimental.createResolver>[2];
type Endpoints = Parameters<ResolverListener>[0];

/** The scheme of targets that are looked up again on a timer: `dns+refresh:///ledger:50051`. */
export const REFRESHING_SCHEME = "dns+refresh";

/** The channel option with the time between two look-ups, in milliseconds. */
export const REFRESH_OPTION = "accord.dns_refresh_ms";

/** Registers {@link REFRESHING_SCHEME} with grpc-js. Doing it again changes nothing. */
export function registerRefreshingResolver(): void {
  experimental.registerResolver(REFRESHING_SCHEME, RefreshingResolver);
}

/**
 * grpc-js's DNS resolver, asked again on a timer.
 *
 * grpc-js looks a name up when a connection drops, and at no other time: a backend that joins gets no traffic while all
 * others are well. Here it is found within the refresh time.
 */
class RefreshingResolver implements Resolver {
  readonly #dns: Resolver;
  readonly #listener: ResolverListener;
  readonly #refreshMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** Whether grpc-js itself waits for the next result, rather than the timer alone. */
  #awaited = false;
  #known: string | undefined;

  constructor(target: GrpcUri, listener: ResolverListener, options: ResolverOptions) {
    this.#listener = listener;
    this.#refreshMs = Number(options[REFRESH_OPTION]);
    this.#dns = experimental.createResolver(
      { ...target, scheme: "dns" },
      (...result) => this.#resolved(...result),
      options,
    );
  }

  static getDefaultAuthority(target: GrpcUri): string {
    return target.path;
  }

  updateResolution(): void {
    this.#awaited = true;
    this.#timer ??= this.#schedule();
    this.#dns.updateResolution();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#awaited = false;
    this.#known = undefined;
    this.#dns.destroy();
  }

  #schedule(): NodeJS.Timeout {
    // Spread, so that the clients of a deployment don't ask all at once.
    const timer = setTimeout(
      () => {
        this.#timer = this.#schedule();
        this.#dns.updateResolution();
      },
      this.#refreshMs * (0.8 + 0.4 * Math.random()),
    );
    timer.unref();
    return timer;
  }

  #resolved(...[endpoints, ...rest]: Parameters<ResolverListener>): boolean {
    const addresses = addressesOf(endpoints);
    // Nothing new, or a failed look-up while there are addresses: the load balancer needn't start over for it.
    const isNews = addresses !== undefined && addresses !== this.#known;
    if (!this.#awaited && !isNews) {
      return true;
    }
    this.#awaited = false;
    const accepted = this.#listener(endpoints, ...rest);
    if (accepted && addresses !== undefined) {
      this.#known = addresses;
    }
    return accepted;
  }
}

/** The addresses as one text, whatever their order; `undefined` if the look-up failed. */
function addressesOf(endpoints: Endpoints): string | undefined {
  return endpoints.ok ? endpoints.value.map(experimental.endpointToString).sort().join(" ") : undefined;
}
