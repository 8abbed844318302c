/** A value that can be bound to log lines and set on spans. Anything `undefined` is left out. */
export type LogValue = string | number | bigint | boolean | Uint8Array | undefined;

/** The log context of a call: what is bound to each of its log lines, and set on its span as `<prefix>.<key>`. */
export type LogFields = { readonly [key: string]: LogValue };
