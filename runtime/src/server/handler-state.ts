/** Where a call's handler stands. It may run on when the call is over, and never begins then. */
export type HandlerState = "waiting" | "running" | "done";
