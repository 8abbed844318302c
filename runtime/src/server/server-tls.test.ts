import { expect, it } from "vitest";
import { certificateFile } from "../../test-support/certificates.js";
import { createServer } from "./server.js";
import { ServerCertificates } from "./server-tls.js";

const cert = certificateFile("server-1.pem");
const key = certificateFile("server-1.key");
const clientCa = certificateFile("ca.pem");

it.each([
  [{ clientCertificate: "required" }, /there is no `clientCa`/],
  [{ clientCertificate: "optional" }, /there is no `clientCa`/],
  [{ clientCa, clientCertificate: "require" }, /must be "required" or "optional"; it is require$/],
  [{ clientCa, clientCertificate: "Optional" }, /must be "required" or "optional"/],
  [{ clientCa, clientCertificate: null }, /must be "required" or "optional"/],
  [{ clientCa: null }, /must be the path of a file/],
  [{ clientCa: "" }, /must be the path of a file/],
  [{ cert: undefined }, /needs a `cert`/],
  [{ key: undefined }, /needs a `cert`/],
  [{ cert: undefined, key: undefined }, /needs a `cert`/],
])("a server's certificates aren't made of %j: no slip lets anybody in", (slip, message) => {
  const options = { cert, key, ...(slip as object) };
  expect(() => new ServerCertificates(options)).toThrow(TypeError);
  expect(() => new ServerCertificates(options)).toThrow(message);
});

it("what can be meant is taken", () => {
  for (const fine of [{}, { clientCa }, { clientCa, clientCertificate: "optional" as const }]) {
    expect(() => new ServerCertificates({ cert, key, ...fine })).not.toThrow();
    expect(() => createServer([], { tls: { cert, key, ...fine } })).not.toThrow();
  }
});
