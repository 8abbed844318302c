import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type HealthProbe, probeHealth } from "./health-probe.js";

const USAGE = `Usage: accord-probe [--tls [--certificate FILE --key FILE]] [--service NAME] [--timeout MS] HOST:PORT

Asks a gRPC server for its health (grpc.health.v1), and ends with 0 if it serves. For probes of orchestrators that can't speak
TLS, like Kubernetes'.

  --service NAME       a service's full name; without it, the server as a whole
  --tls                speak TLS. The server's certificate isn't verified
  --certificate FILE   what to show to a server that asks for callers' certificates, with --key
  --timeout MS         how long to wait for the answer (4000)

Exit codes: 0 it serves, 1 it doesn't, 2 the command was called wrongly.
`;

/**
 * The command `accord-probe`.
 *
 * @param argv the arguments behind the command's name
 * @param write takes what is to be told
 * @returns the exit code
 */
export async function runProbe(argv: readonly string[], write: (text: string) => void): Promise<number> {
  let probe: HealthProbe | undefined;
  try {
    probe = readArguments(argv);
  } catch (error) {
    write(`accord-probe: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (probe === undefined) {
    write(USAGE);
    return 0;
  }
  const problem = await probeHealth(probe);
  if (problem !== undefined) {
    write(`accord-probe: ${problem}\n`);
  }
  return problem === undefined ? 0 : 1;
}

function readArguments(argv: readonly string[]): HealthProbe | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      service: { type: "string", default: "" },
      tls: { type: "boolean", default: false },
      certificate: { type: "string" },
      key: { type: "string" },
      timeout: { type: "string", default: "4000" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    return undefined;
  }
  const [address, ...others] = positionals;
  if (address === undefined || others.length > 0 || !/^.+:\d{1,5}$/.test(address)) {
    throw new Error("name one address, like 127.0.0.1:50051.");
  }
  const timeoutMs = Number(values.timeout);
  // gRPC's header has room for eight digits.
  if (!Number.isInteger(timeoutMs) || timeoutMs <= 0 || timeoutMs > 99_999_999) {
    throw new Error(`--timeout takes milliseconds: "${values.timeout}" are none.`);
  }
  const { certificate, key, tls, service } = values;
  if ((certificate === undefined) !== (key === undefined)) {
    throw new Error("--certificate and --key belong together.");
  }
  const identity =
    certificate === undefined || key === undefined
      ? {}
      : { identity: { certificate: readFileSync(certificate), key: readFileSync(key) } };
  return { address, service, timeoutMs, tls, ...identity };
}
