import type { Suite } from "../suite.js";
import { clientSuite } from "./client-suite.js";
import { connectGo } from "./connect-go.js";
import { connectPython } from "./connect-python.js";

/** Connect's own clients in other languages, and our server. */
export const connectClientSuites: readonly Suite[] = [connectGo, connectPython].map(clientSuite);
