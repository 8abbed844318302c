import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../runtime/test-support/certificates/", import.meta.url));

/** What the servers' certificate is of: clients are told to expect it, whatever name they looked up. */
export const SERVER_NAME = "localhost";

/** The CA that clients trust. */
export const CA = `${FOLDER}ca.pem`;

/** The `tls` of a server. */
export const SERVER_TLS = { cert: `${FOLDER}server-1.pem`, key: `${FOLDER}server-1.key` };
