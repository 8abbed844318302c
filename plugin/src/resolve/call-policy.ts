import type { CallPolicy, HedgingPolicy, RetryPolicy } from "../read/options.js";
import type { OptionPlace, Place } from "../read/place.js";
import type { RawMethod, RawService } from "../read/raw-contract.js";

/** A value, and where it was said. */
export interface Sourced<T> {
  readonly value: T;
  readonly place: Place;
  /** Whether the element itself says it, rather than its service's defaults. */
  readonly own: boolean;
}

/** Whether and how a call is sent again, with a reference already followed. */
export type ResendChoice =
  | { readonly kind: "retry"; readonly policy: RetryPolicy; readonly at: OptionPlace<RetryPolicy> }
  | { readonly kind: "hedge"; readonly policy: HedgingPolicy; readonly at: OptionPlace<HedgingPolicy> }
  | { readonly kind: "none" }
  | { readonly kind: "unknown_ref"; readonly name: string };

/** The call policy that holds for a method, its service's defaults included; or that of the defaults themselves. */
export interface EffectiveCall {
  readonly timeout: Sourced<string> | undefined;
  readonly maxTimeout: Sourced<string> | undefined;
  readonly resend: Sourced<ResendChoice> | undefined;
  readonly waitForReady: Sourced<boolean> | undefined;
  readonly maxRequestBytes: Sourced<number> | undefined;
  readonly maxResponseBytes: Sourced<number> | undefined;
  readonly compress: Sourced<boolean> | undefined;
}

const NOTHING: EffectiveCall = {
  timeout: undefined,
  maxTimeout: undefined,
  resend: undefined,
  waitForReady: undefined,
  maxRequestBytes: undefined,
  maxResponseBytes: undefined,
  compress: undefined,
};

/** What a service's `defaults` say. */
export function defaultCall(service: RawService): EffectiveCall {
  const { defaults } = service.options;
  return defaults === undefined ? NOTHING : said(defaults, service.at.at("defaults"), service);
}

/**
 * What holds for a method: field by field its own word, else its service's. A default that sends calls again holds for
 * unary methods and for streams that are resumed: gRPC's own retries of a stream end with its first response.
 */
export function effectiveCall(method: RawMethod, defaults: EffectiveCall): EffectiveCall {
  const { call, resume } = method.options;
  const own = call === undefined ? NOTHING : said(call, method.at.at("call"), method.service);
  const isResent =
    method.desc.methodKind === "unary" || (resume !== undefined && defaults.resend?.value.kind === "retry");
  const inherited = isResent ? defaults : { ...defaults, resend: undefined };
  return {
    timeout: own.timeout ?? inherit(inherited.timeout),
    maxTimeout: own.maxTimeout ?? inherit(inherited.maxTimeout),
    resend: own.resend ?? inherit(inherited.resend),
    waitForReady: own.waitForReady ?? inherit(inherited.waitForReady),
    maxRequestBytes: own.maxRequestBytes ?? inherit(inherited.maxRequestBytes),
    maxResponseBytes: own.maxResponseBytes ?? inherit(inherited.maxResponseBytes),
    compress: own.compress ?? inherit(inherited.compress),
  };
}

function inherit<T>(value: Sourced<T> | undefined): Sourced<T> | undefined {
  return value === undefined ? undefined : { ...value, own: false };
}

function said(call: CallPolicy, at: OptionPlace<CallPolicy>, service: RawService): EffectiveCall {
  const source = <T>(name: Parameters<typeof at.at>[0], value: T | undefined): Sourced<T> | undefined =>
    value === undefined ? undefined : { value, place: at.at(name), own: true };
  return {
    timeout: source("timeout", call.timeout || undefined),
    maxTimeout: source("maxTimeout", call.maxTimeout || undefined),
    resend: resendOf(call, at, service),
    waitForReady: source("waitForReady", call.waitForReady),
    maxRequestBytes: source("maxRequestBytes", call.maxRequestBytes),
    maxResponseBytes: source("maxResponseBytes", call.maxResponseBytes),
    compress: source("compress", call.compress),
  };
}

function resendOf(
  call: CallPolicy,
  at: OptionPlace<CallPolicy>,
  service: RawService,
): Sourced<ResendChoice> | undefined {
  const { resend } = call;
  switch (resend.case) {
    case undefined:
      return undefined;
    case "retry": {
      const place = at.at("retry");
      return { value: { kind: "retry", policy: resend.value, at: place }, place, own: true };
    }
    case "hedge": {
      const place = at.at("hedge");
      return { value: { kind: "hedge", policy: resend.value, at: place }, place, own: true };
    }
    case "noResend":
      return { value: { kind: "none" }, place: at.at("noResend"), own: true };
    case "retryRef":
      return { value: followReference(resend.value, service), place: at.at("retryRef"), own: true };
  }
}

function followReference(name: string, service: RawService): ResendChoice {
  const policies = service.options.retryPolicies;
  const policy = Object.hasOwn(policies, name) ? policies[name] : undefined;
  return policy === undefined
    ? { kind: "unknown_ref", name }
    : { kind: "retry", policy, at: service.at.at("retryPolicies", { key: name }) };
}
