import { loggedMethod, logSettings } from "../call/call-log.js";
import { SERVER_DEFAULTS } from "../contract/defaults.js";
import { defaultLogger } from "../log/default-logger.js";
import { GuardedLogger } from "../log/guarded-logger.js";
import type { Logger } from "../log/logger.js";
import { DEFAULT_PAYLOAD_LIMIT } from "../log/payload-text.js";
import { DEFAULT_ANSWER_METADATA_BYTES } from "../wire/answer-size.js";
import { Admission } from "./admission.js";
import { answerCaching } from "./answer-caching.js";
import { methodAuth } from "./auth.js";
import type { BoundMethod, BoundService } from "./bind-service.js";
import { logPolicies, type PolicyOf } from "./log-policies.js";
import { CallSet } from "./running-calls.js";
import type { ServedMethod } from "./served-method.js";
import { ServerLoad } from "./server-load.js";
import { OWN_MAX_REQUEST_BYTES, type ServerOptions } from "./server-options.js";
import { UnbegunCalls } from "./unbegun-calls.js";

/** What of a server's options holds for its calls, whatever carries them. */
export type MethodOptions = Pick<
  ServerOptions,
  | "logger"
  | "payloadLimit"
  | "logPolicy"
  | "logPolicies"
  | "handlerInterceptors"
  | "auth"
  | "authTimeoutMs"
  | "maxRequestBytes"
  | "maxResponseBytes"
  | "maxResponseMetadataBytes"
  | "maxConcurrentCalls"
  | "reportsLoad"
>;

/** Methods that are served, by their paths, and the calls of them that run. */
export interface ServedMethods {
  readonly methods: ReadonlyMap<string, ServedMethod>;
  readonly logger: Logger;
  readonly calls: CallSet;
  /** Calls of the server's own services. */
  readonly ownCalls: CallSet;
}

/**
 * Makes of bound services what is dispatched.
 *
 * @param own the server's own services: health, reflection
 * @throws {Error} if two services have one name, or a method requires credentials and nobody verifies them
 */
export function serveMethods(
  services: readonly BoundService[],
  own: readonly BoundService[],
  options: MethodOptions,
): ServedMethods {
  const logger = new GuardedLogger(options.logger ?? defaultLogger());
  const shared: Shared = {
    options,
    logger,
    unbegun: new UnbegunCalls(logger),
    admission: options.maxConcurrentCalls === undefined ? undefined : new Admission(options.maxConcurrentCalls),
    calls: new CallSet(),
    ownCalls: new CallSet(),
    load: options.reportsLoad ? new ServerLoad() : undefined,
  };
  const policyOf = logPolicies(services, options);
  const methods = new Map<string, ServedMethod>();
  const names = new Set<string>();
  for (const bound of [...services, ...own]) {
    const { typeName } = bound.service;
    if (names.has(typeName)) {
      throw new Error(`Can't make the server: the service ${typeName} was given twice, or is one of the server's own`);
    }
    names.add(typeName);
    for (const method of bound.methods) {
      const served = serveMethod(method, own.includes(bound), shared, policyOf);
      methods.set(served.path, served);
    }
  }
  return { methods, logger, calls: shared.calls, ownCalls: shared.ownCalls };
}

interface Shared extends Pick<ServedMethods, "logger" | "calls" | "ownCalls"> {
  readonly options: MethodOptions;
  readonly unbegun: UnbegunCalls;
  readonly admission: Admission | undefined;
  readonly load: ServerLoad | undefined;
}

function serveMethod(method: BoundMethod, isOwn: boolean, shared: Shared, policyOf: PolicyOf): ServedMethod {
  const { desc, codecs, body, log, errors, fallbackErrors, policy } = method;
  const { options, logger, unbegun, admission, calls, ownCalls, load } = shared;
  const { payloadLimit = DEFAULT_PAYLOAD_LIMIT } = options;
  return {
    ...loggedMethod(desc),
    codecs,
    body,
    log,
    errors,
    fallbackErrors,
    logSettings: logSettings(logger, payloadLimit, isOwn ? {} : policyOf(desc, log?.policy), isOwn),
    maxTimeoutMs: policy.maxTimeoutMs ?? Number.POSITIVE_INFINITY,
    maxRequestBytes: isOwn
      ? OWN_MAX_REQUEST_BYTES
      : (policy.maxRequestBytes ?? options.maxRequestBytes ?? SERVER_DEFAULTS.maxRequestBytes),
    maxResponseBytes: policy.maxResponseBytes ?? options.maxResponseBytes ?? SERVER_DEFAULTS.maxResponseBytes,
    maxResponseMetadataBytes: options.maxResponseMetadataBytes ?? DEFAULT_ANSWER_METADATA_BYTES,
    compress: policy.compress ?? false,
    running: isOwn ? ownCalls : calls,
    admission: isOwn ? undefined : admission,
    unbegun,
    handlerInterceptors: isOwn ? [] : (options.handlerInterceptors ?? []),
    auth: methodAuth(desc, policy.auth, options),
    cache: answerCaching(desc, policy.cache, policy.auth),
    load: isOwn ? undefined : load,
  };
}
