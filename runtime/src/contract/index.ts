/**
 * What the plugin and the runtime must agree on. It loads nothing else, so that the plugin may import it.
 */
export { lineText } from "./line-text.js";
