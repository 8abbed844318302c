// biome-ignore-all format: a table
/** The longest string that is decoded here, in bytes. UUIDs are as long. */
export const LONGEST_ASCII = 36;

const text = String.fromCharCode;

/**
 * Decodes ASCII of up to {@link LONGEST_ASCII} bytes, which takes less time than a call of Node's decoder.
 *
 * One call with all codes makes the string at once, without parts to join or a list of codes. Each byte is read once: a loop
 * that looks for bytes which aren't ASCII takes a third of the time.
 *
 * @param bytes must have that many bytes
 * @returns undefined if a byte isn't ASCII
 */
export function readAscii(bytes: Uint8Array, at: number, size: number): string | undefined {
  if (size === 0) return "";
  let all = 0;
  const a = bytes[at + 0] ?? 0; all |= a; if (size === 1) return all > 0x7f ? undefined : text(a);
  const b = bytes[at + 1] ?? 0; all |= b; if (size === 2) return all > 0x7f ? undefined : text(a, b);
  const c = bytes[at + 2] ?? 0; all |= c; if (size === 3) return all > 0x7f ? undefined : text(a, b, c);
  const d = bytes[at + 3] ?? 0; all |= d; if (size === 4) return all > 0x7f ? undefined : text(a, b, c, d);
  const e = bytes[at + 4] ?? 0; all |= e; if (size === 5) return all > 0x7f ? undefined : text(a, b, c, d, e);
  const f = bytes[at + 5] ?? 0; all |= f; if (size === 6) return all > 0x7f ? undefined : text(a, b, c, d, e, f);
  const g = bytes[at + 6] ?? 0; all |= g; if (size === 7) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g);
  const h = bytes[at + 7] ?? 0; all |= h; if (size === 8) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h);
  const i = bytes[at + 8] ?? 0; all |= i; if (size === 9) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i);
  const j = bytes[at + 9] ?? 0; all |= j; if (size === 10) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j);
  const k = bytes[at + 10] ?? 0; all |= k; if (size === 11) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k);
  const l = bytes[at + 11] ?? 0; all |= l; if (size === 12) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l);
  const m = bytes[at + 12] ?? 0; all |= m; if (size === 13) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m);
  const n = bytes[at + 13] ?? 0; all |= n; if (size === 14) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  const o = bytes[at + 14] ?? 0; all |= o; if (size === 15) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  const p = bytes[at + 15] ?? 0; all |= p; if (size === 16) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  const q = bytes[at + 16] ?? 0; all |= q; if (size === 17) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
  const r = bytes[at + 17] ?? 0; all |= r; if (size === 18) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
  const s = bytes[at + 18] ?? 0; all |= s; if (size === 19) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
  const t = bytes[at + 19] ?? 0; all |= t; if (size === 20) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
  const u = bytes[at + 20] ?? 0; all |= u; if (size === 21) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
  const v = bytes[at + 21] ?? 0; all |= v; if (size === 22) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
  const w = bytes[at + 22] ?? 0; all |= w; if (size === 23) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
  const x = bytes[at + 23] ?? 0; all |= x; if (size === 24) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
  const y = bytes[at + 24] ?? 0; all |= y; if (size === 25) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y);
  const z = bytes[at + 25] ?? 0; all |= z; if (size === 26) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z);
  const A = bytes[at + 26] ?? 0; all |= A; if (size === 27) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A);
  const B = bytes[at + 27] ?? 0; all |= B; if (size === 28) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B);
  const C = bytes[at + 28] ?? 0; all |= C; if (size === 29) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C);
  const D = bytes[at + 29] ?? 0; all |= D; if (size === 30) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D);
  const E = bytes[at + 30] ?? 0; all |= E; if (size === 31) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E);
  const F = bytes[at + 31] ?? 0; all |= F; if (size === 32) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F);
  const G = bytes[at + 32] ?? 0; all |= G; if (size === 33) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F, G);
  const H = bytes[at + 33] ?? 0; all |= H; if (size === 34) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F, G, H);
  const I = bytes[at + 34] ?? 0; all |= I; if (size === 35) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F, G, H, I);
  const J = bytes[at + 35] ?? 0; all |= J; if (size === 36) return all > 0x7f ? undefined : text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, A, B, C, D, E, F, G, H, I, J);
  return undefined;
}
