import { Code, PluginError } from "./plugin-error.js";

const DEFAULT_SIZE = 250;
const MOST = 1_000;

/** A part of a list, and how to ask for the next. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** Empty: there is none. */
  readonly nextPageToken: string;
}

/**
 * Cuts a page out of a list (AIP-158).
 *
 * @param size 0: 250; at most 1000
 * @param token empty: the first page
 * @throws {PluginError} if the token isn't one that a page came with, or the size is over 1000
 */
export function pageOf<Item>(items: readonly Item[], size: number, token: string): ListPage<Item> {
  const start = token === "" ? 0 : Number(token);
  if (!/^(?:|[1-9][0-9]{0,8})$/.test(token) || start > items.length || size > MOST) {
    const what = size > MOST ? `A page has ${MOST} at most` : `There is no page "${token}"`;
    throw new PluginError(Code.INVALID_ARGUMENT, `${what}.`);
  }
  const end = start + (size === 0 ? DEFAULT_SIZE : size);
  return { items: items.slice(start, end), nextPageToken: end < items.length ? String(end) : "" };
}
