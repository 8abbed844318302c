// Makes the certificates that the tests use, valid for 100 years: `node runtime/test-support/certificates/make.mjs`. Needs openssl.
// Two CAs; of the first, two certificates for each side, so that one can replace the other. The keys of the CAs aren't kept.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = import.meta.dirname;
const scratch = mkdtempSync(join(tmpdir(), "accord-certificates-"));
const days = "36500";
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

for (const [ca, certificates] of [
  ["ca", ["server-1", "server-2", "client-1", "client-2"]],
  ["other-ca", ["other-server", "other-client"]],
]) {
  const caKey = join(scratch, `${ca}.key`);
  const caFile = join(folder, `${ca}.pem`);
  const extensions = ["-addext", "keyUsage=critical,keyCertSign"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    caKey,
    "-out",
    caFile,
    "-days",
    days,
    "-subj",
    `/CN=${ca}`,
    ...extensions,
  );
  for (const name of certificates) {
    const request = join(scratch, `${name}.csr`);
    const details = join(scratch, `${name}.ext`);
    const usage = name.includes("server") ? "serverAuth" : "clientAuth";
    const names = name.includes("server") ? "subjectAltName=DNS:localhost,IP:127.0.0.1\n" : "";
    writeFileSync(details, `basicConstraints=CA:FALSE\nextendedKeyUsage=${usage}\n${names}`);
    const key = join(folder, `${name}.key`);
    openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", `/CN=${name}`);
    const issuer = ["-CA", caFile, "-CAkey", caKey, "-CAcreateserial", "-CAserial", join(scratch, `${ca}.srl`)];
    openssl(
      "x509",
      "-req",
      "-in",
      request,
      ...issuer,
      "-out",
      join(folder, `${name}.pem`),
      "-days",
      days,
      "-extfile",
      details,
    );
  }
}
// Its own CA, and soon over: for tests that set the clock.
openssl(
  "req",
  "-x509",
  ...newKey,
  "-keyout",
  join(folder, "short.key"),
  "-out",
  join(folder, "short.pem"),
  ...["-days", "30", "-subj", "/CN=short"],
);
rmSync(scratch, { recursive: true });

function openssl(...args) {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}
