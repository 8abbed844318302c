/**
 * What the plugin and the runtime must agree on. It loads nothing else, so that the plugin may import it.
 */
export {
  CHANNEL_DEFAULTS,
  DEFAULT_MAX_MESSAGE_BYTES,
  LONGEST_TIMER_MS,
  OUTLIER_DEFAULTS,
  SERVER_DEFAULTS,
} from "./defaults.js";
export { CATEGORY_OF_STATUS, type ErrorCategory } from "./error-category.js";
export { GOOGLE_RPC_DETAILS, type GoogleRpcDetail } from "./google-rpc-details.js";
export { CODEC_INTERFACE, RUNTIME_INTERFACE } from "./handshake.js";
export { lineText } from "./line-text.js";
export { memberName } from "./member-name.js";
export { nearest } from "./nearest-name.js";
export { Status, type StatusName, statusName } from "./status.js";
