/** The command `accord`. */
export { runCli as main } from "../cli/run-cli.js";
