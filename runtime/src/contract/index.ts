/**
 * What the plugin and the runtime must agree on. It loads nothing else, so that the plugin may import it.
 */
export { GOOGLE_RPC_DETAILS, type GoogleRpcDetail } from "./google-rpc-details.js";
export { lineText } from "./line-text.js";
