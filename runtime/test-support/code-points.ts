/** What has no place in a line of a log: controls, separators, halves of pairs, what turns text around, what can't be seen. */
export const UNFIT_FOR_A_LINE =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u00AD\u200B\u2060\uFEFF\u{E0001}\u{E0020}-\u{E007F}]/u;

/** All code points, halves of surrogate pairs each by itself: 4352 lists of 256. */
export const CODE_POINTS: readonly (readonly string[])[] = Array.from({ length: 0x110000 / 256 }, (_, block) =>
  Array.from({ length: 256 }, (_, i) => String.fromCodePoint(block * 256 + i)),
);

/** All code points in texts of 256, with something between them: halves of pairs stay halves. */
export const CODE_POINT_TEXTS: readonly string[] = CODE_POINTS.map((characters) => characters.join("|"));
