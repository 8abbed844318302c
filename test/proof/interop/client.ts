// The client of gRPC's interoperability tests: `client.js <host:port> [ca]`. It makes all cases, or those whose names, with PREFIX before
// them, fit one of PATTERNS, prints a line of JSON for each (`{ "name": …, "error": … }`), and `done`.
import { type Channel, tlsChannelCredentials } from "@accord-grpc/runtime";
import { compressionAlgorithms, credentials } from "@grpc/grpc-js";
import { fitsPattern } from "../case-pattern.js";
import { buildTestingChannel } from "../gen/interop/grpc/testing/channel.js";
import { programLogger } from "../program-logger.js";
import { type ChannelKind, CLIENT_CASES } from "./client-cases.js";

/** What a test's TLS certificate is made out to. */
const SERVER_NAME = "foo.test.google.fr";

const [target = "", ca] = process.argv.slice(2);
const { PATTERNS = "[]", PREFIX = "" } = process.env;
const patterns = JSON.parse(PATTERNS) as string[];

for (const [name, make] of Object.entries(CLIENT_CASES)) {
  if (patterns.length > 0 && !patterns.some((pattern) => fitsPattern(`${PREFIX}/${name}`, pattern))) {
    continue;
  }
  const channels: Channel[] = [];
  const open = (kind: ChannelKind = "plain") => {
    const channel = openChannel(kind);
    channels.push(channel);
    return channel;
  };
  let error: string | undefined;
  try {
    await make(open);
  } catch (thrown) {
    error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  }
  for (const channel of channels) {
    channel.close();
  }
  process.stdout.write(`${JSON.stringify({ name, error })}\n`);
}
process.stdout.write("done\n");

function openChannel(kind: ChannelKind): Channel {
  return buildTestingChannel(target, {
    // stdout is the results'.
    logger: programLogger,
    credentials: ca === undefined ? credentials.createInsecure() : tlsChannelCredentials({ ca, logger: programLogger }),
    extraOptions: {
      ...(ca === undefined
        ? undefined
        : { "grpc.ssl_target_name_override": SERVER_NAME, "grpc.default_authority": SERVER_NAME }),
      ...(kind === "gzip" ? { "grpc.default_compression_algorithm": compressionAlgorithms.gzip } : undefined),
      "grpc.use_local_subchannel_pool": 1,
    },
  });
}
