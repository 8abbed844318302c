// While this side sends, TCP's acknowledgements may be all that a peer has to say for long, and Node doesn't show them.

/** How long a peer has to be heard while this side sends to it, in milliseconds. */
export const SENDING_ANSWER_MS = 20_000;

/** What may have been sent since something came last without that: it passes even a slow link meanwhile, and its peer answers. */
export const LITTLE_SENT_BYTES = 64 * 1024;
