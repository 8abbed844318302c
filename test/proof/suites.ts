import { connectClient, connectServer } from "./connect/suites.js";
import { h2specAccord, h2specNode } from "./h2spec/suites.js";
import { interopSuites } from "./interop/suites.js";
import type { Suite } from "./suite.js";

/** All suites, in the order of the table. */
export const SUITES: readonly Suite[] = [connectServer, connectClient, ...interopSuites, h2specAccord, h2specNode];
