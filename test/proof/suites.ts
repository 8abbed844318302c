import { protovalidatePython } from "./checked/suites.js";
import { connectClient, connectServer } from "./connect/suites.js";
import { connectClientSuites } from "./connect-clients/suites.js";
import { h2specAccord, h2specNode } from "./h2spec/suites.js";
import { interopSuites } from "./interop/suites.js";
import { kubectlApply, kubernetesApiServer } from "./kubernetes/suites.js";
import { protobufConformance } from "./protobuf/suites.js";
import { protovalidateConformance } from "./protovalidate/suites.js";
import type { Suite } from "./suite.js";
import { everydayTools } from "./tools/suites.js";

/** All suites, in the order of the table. */
export const SUITES: readonly Suite[] = [
  protobufConformance,
  protovalidateConformance,
  protovalidatePython,
  connectServer,
  connectClient,
  ...connectClientSuites,
  ...interopSuites,
  h2specAccord,
  h2specNode,
  everydayTools,
  kubernetesApiServer,
  kubectlApply,
];
