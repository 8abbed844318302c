/** What `demo/run.mjs` needs of the compiled demo. */
export { play } from "./main.js";
export { ServerProcess } from "./server-process.js";
export { openTerminal } from "./terminal.js";
