import { LONGEST_TIMER_MS } from "@accord-grpc/runtime/contract";
import { elementPlace, type Place } from "../../read/place.js";
import { LONGEST_NAME, SLACK_MS } from "../../resolve/deployment.js";
import { durationMs, renderDuration } from "../../resolve/duration.js";
import type { DeploymentSettings, Said, Setting } from "../../resolve/package-settings.js";
import type { ResolvedContract, ResolvedMethod, ResolvedPackage } from "../../resolve/resolved-contract.js";
import { checkedPackages, speaksAccord } from "../elements.js";
import { overTimer } from "../longest-timer.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";
import { quoted } from "../wording.js";

/** Rules on how a server is deployed, and how it stops. */
export const DEPLOYMENT_RULES = defineRules({
  DRAIN_TOO_SHORT: {
    severity: "error or warning",
    waivable: true,
    description:
      "A stopping server cuts calls off: `drain` is below `connection_age_grace` + 5s or below the longest timeout (a warning while the contract says no `drain`), or `termination_grace` is below `pre_stop` + `drain` + 5s.",
    check: checkDrain,
  },
  GRACE_TOO_SHORT: {
    severity: "error or warning",
    waivable: true,
    description:
      "An ageing connection cuts calls off: `connection_age_grace` is below the longest timeout (a warning while the contract doesn't say it).",
    check: checkGrace,
  },
  DEPLOYMENT_RANGE: {
    severity: "error",
    waivable: false,
    description:
      "A port over 65535, replicas over 2³¹ − 1 or more at least than at most, a time that must be above 0, or one over the 24.8 days that a timer holds.",
    check: checkRange,
  },
  DEPLOYMENT_NAME: {
    severity: "error",
    waivable: false,
    description:
      "A `name`, `namespace` or `image` that Kubernetes doesn't take, an image without a tag or with `latest`, or a name that two packages of a namespace have.",
    check: checkNames,
  },
  DEPLOYMENT_QUANTITY: {
    severity: "error",
    waivable: false,
    description: '`cpu` or `memory` that isn\'t written like `"250m"` and `"256Mi"`, or makes no sense.',
    check: checkQuantities,
  },
});

/** The call that may run the longest: streams aren't counted, since they are ended by the drain as a matter of course. */
interface LongestCall {
  readonly ms: number;
  readonly method: ResolvedMethod;
  /** `timeout` or `max_timeout`. */
  readonly name: string;
  readonly place: Place;
}

function longestCall(pkg: ResolvedPackage): LongestCall | undefined {
  let longest: LongestCall | undefined;
  for (const method of pkg.services.filter(speaksAccord).flatMap((service) => service.methods)) {
    const { methodKind } = method.raw.desc;
    const { timeout, maxTimeout } = method.call;
    // A caller may ask for all that the server grants.
    const limit = maxTimeout ?? timeout;
    const ms = limit === undefined ? undefined : durationMs(limit.value);
    if (
      limit === undefined ||
      ms === undefined ||
      methodKind === "server_streaming" ||
      methodKind === "bidi_streaming"
    ) {
      continue;
    }
    if (longest === undefined || ms > longest.ms) {
      longest = { ms, method, name: limit === maxTimeout ? "max_timeout" : "timeout", place: limit.place };
    }
  }
  return longest;
}

function checkDrain({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    const { drainMs, connectionAgeGraceMs, preStopMs, terminationGraceMs } = pkg.deployment;
    const { drain, connectionAgeGrace, terminationGrace } = pkg.settings.deployment;
    const said = checkedPlace(drain) ?? checkedPlace(connectionAgeGrace);
    if (said !== undefined && drainMs < connectionAgeGraceMs + SLACK_MS) {
      report(
        said,
        `drain is ${renderDuration(drainMs)}, below connection_age_grace + slack = ${sum(connectionAgeGraceMs, SLACK_MS)}: calls on an ageing connection would be cut off. Raise drain or lower connection_age_grace.`,
      );
    }
    const longest = longestCall(pkg);
    if (longest !== undefined && drainMs < longest.ms) {
      report(
        checkedPlace(drain) ?? longest.place,
        `drain is ${renderDuration(drainMs)}${byDefault(drain)}, below the ${longest.name} of ${longest.method.raw.desc.name}, ${renderDuration(longest.ms)}: calls in flight would be cut off when the server stops. Raise deployment.drain, or lower the ${longest.name}.`,
        drain.length > 0 ? "error" : "warning",
      );
    }
    const graceSaid = checkedPlace(terminationGrace);
    if (graceSaid !== undefined && terminationGraceMs < preStopMs + drainMs + SLACK_MS) {
      report(
        graceSaid,
        `termination_grace is ${renderDuration(terminationGraceMs)}, below pre_stop + drain + slack = ${sum(preStopMs, drainMs, SLACK_MS)}: the pod would be killed while it drains. Raise it, or leave it out: it is computed.`,
      );
    }
  }
}

function checkGrace({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    const { connectionAgeGraceMs: graceMs } = pkg.deployment;
    const { connectionAgeGrace } = pkg.settings.deployment;
    const longest = longestCall(pkg);
    if (longest !== undefined && graceMs < longest.ms) {
      report(
        checkedPlace(connectionAgeGrace) ?? longest.place,
        `connection_age_grace is ${renderDuration(graceMs)}${byDefault(connectionAgeGrace)}, below the ${longest.name} of ${longest.method.raw.desc.name}, ${renderDuration(longest.ms)}: calls in flight would be cut off when their connection is renewed. Raise deployment.connection_age_grace, or lower the ${longest.name}.`,
        connectionAgeGrace.length > 0 ? "error" : "warning",
      );
    }
  }
}

/** `30s + 5s = 35s` */
function sum(...terms: readonly number[]): string {
  return `${terms.map(renderDuration).join(" + ")} = ${renderDuration(terms.reduce((total, term) => total + term, 0))}`;
}

function byDefault(setting: Setting<string>): string {
  return setting.length > 0 ? "" : " by default";
}

/** Where a checked file says a setting. */
function checkedPlace(setting: Setting<string | number | boolean>): Place | undefined {
  return checkedOf(setting)[0]?.place;
}

function checkedOf<T>(setting: Setting<T>): Said<T>[] {
  return setting.filter(({ file }) => file.generate);
}

/** What Kubernetes takes for a number of pods: an int32. */
const MOST_REPLICAS = 2 ** 31 - 1;
/** grpc-js adds up to a tenth, so that connections don't all age at once. */
const LONGEST_AGE_MS = Math.floor(LONGEST_TIMER_MS / 1.1);

function checkRange({ contract }: CheckContext, report: Report): void {
  for (const pkg of checkedPackages(contract)) {
    const { deployment: settings } = pkg.settings;
    for (const { value, place } of checkedOf(settings.port)) {
      if (value > 65_535) {
        report(place, `port is ${value}: the largest is 65535.`);
      }
    }
    checkReplicas(pkg, report);
    checkTimes(settings, report);
  }
}

function checkReplicas(pkg: ResolvedPackage, report: Report): void {
  const { deployment: settings } = pkg.settings;
  const { minReplicas, maxReplicas } = pkg.deployment;
  for (const name of ["minReplicas", "maxReplicas"] as const) {
    for (const { value, place } of checkedOf(settings[name])) {
      if (value > MOST_REPLICAS) {
        report(place, `${REPLICAS[name]} is ${value}: Kubernetes counts to ${MOST_REPLICAS}.`);
      }
    }
  }
  const place = checkedPlace(settings.minReplicas) ?? checkedPlace(settings.maxReplicas);
  if (minReplicas > maxReplicas && place !== undefined) {
    report(
      place,
      `min_replicas is ${minReplicas}${settings.minReplicas.length > 0 ? "" : " by default"}, over max_replicas, ${maxReplicas}${settings.maxReplicas.length > 0 ? "" : " by default"}: raise max_replicas or lower min_replicas.`,
    );
  }
}

const REPLICAS = { minReplicas: "min_replicas", maxReplicas: "max_replicas" } as const;

function checkTimes(settings: DeploymentSettings, report: Report): void {
  for (const [name, setting, longestMs] of [
    ["pre_stop", settings.preStop, LONGEST_TIMER_MS],
    ["drain", settings.drain, LONGEST_TIMER_MS],
    ["connection_age", settings.connectionAge, LONGEST_AGE_MS],
    ["connection_age_grace", settings.connectionAgeGrace, LONGEST_TIMER_MS],
    ["termination_grace", settings.terminationGrace, LONGEST_TIMER_MS],
  ] as const) {
    for (const { value, place } of checkedOf(setting)) {
      const ms = durationMs(value);
      if (ms === 0 && name !== "pre_stop") {
        report(place, `${name} must be above 0.`);
      } else if (ms !== undefined && ms > longestMs) {
        const more = longestMs === LONGEST_AGE_MS ? ", the 10 % included that spread it" : "";
        report(place, `${overTimer(name, ms)}${more}: lower it.`);
      }
    }
  }
}

const DNS_LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
const LONGEST_NAMESPACE = 63;
/** [registry[:port]/]path[:tag][@digest], as container runtimes take it. */
const IMAGE =
  /^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[a-z0-9+._-]+:[0-9a-f]{32,})?$/;

function checkNames({ contract }: CheckContext, report: Report): void {
  for (const { deployment: settings } of settingsOf(contract)) {
    for (const { value, place } of checkedOf(settings.name)) {
      if (!DNS_LABEL.test(value) || value.length > LONGEST_NAME) {
        report(
          place,
          `${quoted(value)} can't name Kubernetes objects: write at most ${LONGEST_NAME} lower-case letters, digits and hyphens, the first a letter and the last no hyphen.`,
        );
      }
    }
    for (const { value, place } of checkedOf(settings.namespace)) {
      if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value) || value.length > LONGEST_NAMESPACE) {
        report(
          place,
          `${quoted(value)} is no Kubernetes namespace: write at most ${LONGEST_NAMESPACE} lower-case letters, digits and hyphens, neither the first nor the last a hyphen.`,
        );
      }
    }
    for (const { value, place } of checkedOf(settings.image)) {
      if (!IMAGE.test(value)) {
        report(place, `${quoted(value)} is no container image: write it like "registry.example.com/ledger:1.4.2".`);
      } else if (!value.includes("@") && !/:(?!latest$)[^/]+$/.test(value)) {
        const what = value.endsWith(":latest") ? "the tag latest" : "no tag, which means latest";
        report(
          place,
          `${quoted(value)} has ${what}: nobody could say what runs, or go back to it. Name a version, like "registry.example.com/ledger:1.4.2", or a digest.`,
        );
      }
    }
  }
  checkShared(contract, report);
}

/** Manifests of the same name would replace each other in the cluster. */
function checkShared(contract: ResolvedContract, report: Report): void {
  const firstOf = new Map<string, ResolvedPackage>();
  for (const pkg of checkedPackages(contract).filter(({ services }) => services.some(speaksAccord))) {
    const { name, namespace } = pkg.deployment;
    // Its two Services. What else there is, is called like the first.
    const services = [name, `${name}-headless`];
    const shared = services.find((service) => firstOf.has(`${namespace}/${service}`));
    const first = firstOf.get(`${namespace}/${shared}`);
    for (const service of services) {
      const key = `${namespace}/${service}`;
      firstOf.set(key, firstOf.get(key) ?? pkg);
    }
    const place =
      checkedPlace(pkg.settings.deployment.name) ??
      (first === undefined ? undefined : checkedPlace(first.settings.deployment.name)) ??
      pkg.services.map(({ raw }) => elementPlace(raw.desc))[0];
    if (shared !== undefined && first !== undefined && place !== undefined) {
      report(
        place,
        `${name === first.deployment.name ? "The Kubernetes objects" : "Services"} of ${pkg.name} and ${first.name} would both be called ${quoted(shared)} in the namespace ${quoted(namespace)}, and replace each other: give one of them another deployment.name.`,
      );
    }
  }
}

function settingsOf(contract: ResolvedContract): ResolvedPackage["settings"][] {
  return checkedPackages(contract).map((pkg) => pkg.settings);
}

const CPU = /^(?:(\d+(?:\.\d{1,3})?)|(\d+)m)$/;
const MEMORY = /^(\d+(?:\.\d+)?)(k|M|G|T|Ki|Mi|Gi|Ti)?$/;
const BYTES_OF = {
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
} as const;
const LEAST_MEMORY = BYTES_OF.Mi;

function checkQuantities({ contract }: CheckContext, report: Report): void {
  for (const { deployment: settings } of settingsOf(contract)) {
    for (const { value, place } of checkedOf(settings.cpu)) {
      const [match, cores, millicores] = CPU.exec(value) ?? [];
      if (match === undefined) {
        report(place, `${quoted(value)} is no amount of CPU: write it like "250m" (a quarter of a core) or "2".`);
      } else if (Number(cores ?? millicores) === 0) {
        report(place, `cpu is ${quoted(value)}: a pod needs some. Write it like "250m".`);
      }
    }
    for (const { value, place } of checkedOf(settings.memory)) {
      const [match, amount, unit] = MEMORY.exec(value) ?? [];
      const bytes = Number(amount) * (unit === undefined ? 1 : BYTES_OF[unit as keyof typeof BYTES_OF]);
      if (match === undefined) {
        const hint = /^\d+m$/.test(value)
          ? ` (m is a thousandth of a byte: did you mean "${value}i"?)`.replace("mi", "Mi")
          : "";
        report(place, `${quoted(value)} is no amount of memory: write it like "256Mi" or "1Gi"${hint}.`);
      } else if (bytes < LEAST_MEMORY) {
        report(place, `memory is ${quoted(value)}, which is ${bytes} bytes: a pod needs more. Write it like "256Mi".`);
      }
    }
  }
}
