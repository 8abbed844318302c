import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { networkInterfaces, platform } from "node:os";
import { join } from "node:path";
import { DnsServer } from "./dns-server.js";

/** A DNS server, and how a process is started so that it asks it. */
export interface NameResolution {
  /** `system`: as any program's, by getaddrinfo. `grpc-js`: by grpc-js's own, which takes a server's address. */
  readonly kind: "system" | "grpc-js";
  readonly dns: DnsServer;
  /** The target of `name:port`. */
  target(port: number): string;
  /** What goes before a command, so that its names are resolved by our server. */
  readonly prefix: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Why a rollout can't be played here; `undefined` if it can. */
export function whyNotHere(): string | undefined {
  if (platform() !== "linux") {
    return `needs Linux, where all of 127.0.0.0/8 is this machine; this is ${platform()}`;
  }
  const { lo } = networkInterfaces();
  return lo === undefined ? "needs a loopback interface, and there is none" : undefined;
}

/**
 * Starts a DNS server for `name`.
 *
 * Root can give a process a resolv.conf of its own, in a mount namespace that ends with it: the process then resolves
 * names as it does in a cluster. Elsewhere, grpc-js's alternative resolver asks the server directly.
 */
export async function startNameResolution(name: string, folder: string): Promise<NameResolution> {
  return (await systemResolution(name, folder)) ?? (await grpcJsResolution(name));
}

async function systemResolution(name: string, folder: string): Promise<NameResolution | undefined> {
  const resolvConf = join(folder, "resolv.conf");
  const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
  const prefix = ["unshare", "--mount", "sh", "-c", script, resolvConf];
  const [command = "", ...args] = prefix;
  for (let host = 1; host <= 20; host += 1) {
    const address = `127.0.53.${host}`;
    writeFileSync(resolvConf, `nameserver ${address}\noptions timeout:1 attempts:3\n`);
    if (spawnSync(command, [...args, "true"]).status !== 0) {
      return undefined;
    }
    try {
      const dns = await DnsServer.start(name, address, 53);
      return { kind: "system", dns, prefix, env: {}, target: (port) => `dns:///${name}:${port}` };
    } catch {
      // Another test's, or not allowed.
    }
  }
  return undefined;
}

async function grpcJsResolution(name: string): Promise<NameResolution> {
  const dns = await DnsServer.start(name, "127.0.0.1", 0);
  return {
    kind: "grpc-js",
    dns,
    prefix: [],
    env: { GRPC_NODE_USE_ALTERNATIVE_RESOLVER: "true" },
    target: (port) => `dns://${dns.address}/${name}:${port}`,
  };
}
