import { AsyncResource } from "node:async_hooks";
import type { ClientHttp2Session } from "node:http2";

/**
 * Makes a session's requests cheap where Node makes them dear.
 *
 * For each request, Node binds a function to the caller's async context. From 20 to 24 it gives each function that it binds
 * a deprecated property, and making that takes a quarter of a small call's time (nodejs/node#58218). So while a request is
 * made, the first function that is bound has no such property. It is bound to the same context, in the same way; all others,
 * and all that is bound after the request or by a patched `bind`, are Node's.
 */
export function makeRequestsLightly(session: ClientHttp2Session): void {
  if (!bindingIsDear()) {
    return;
  }
  const { request } = session;
  session.request = (headers, options) => {
    if (AsyncResource.prototype.bind === BIND) {
      replaceBind(bindOnceLightly);
    }
    try {
      return request.call(session, headers, options);
    } finally {
      restoreBind();
    }
  };
}

type Bind = typeof AsyncResource.prototype.bind;
type AnyFunction = Parameters<Bind>[0];

const BIND = AsyncResource.prototype.bind;

// A bound function of no declared parameters, without a `this` of its own, can't be told from Node's but by the property.
const bindOnceLightly = function (this: AsyncResource, body: AnyFunction, ...rest: unknown[]): AnyFunction {
  restoreBind();
  if (typeof body !== "function" || body.length > 0 || rest[0] !== undefined) {
    return Reflect.apply(BIND, this, [body, ...rest]);
  }
  const resource = this;
  return function (this: unknown, ...args: unknown[]): unknown {
    return resource.runInAsyncScope(body, this, ...args);
  };
} as Bind;

function restoreBind(): void {
  if (AsyncResource.prototype.bind === bindOnceLightly) {
    replaceBind(BIND);
  }
}

/** Does nothing if the prototype has been frozen. */
function replaceBind(bind: Bind): void {
  Reflect.set(AsyncResource.prototype, "bind", bind);
}

let dear: boolean | undefined;

function bindingIsDear(): boolean {
  dear ??= Object.hasOwn(
    new AsyncResource("accord").bind(() => {}),
    "asyncResource",
  );
  return dear;
}
