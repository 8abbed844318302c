import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { nearest } from "@accord-grpc/runtime/contract";
import { createRegistry } from "@bufbuild/protobuf";
import { readRegularFile } from "../bounded-input.js";
import { messageOf } from "../thrown-message.js";
import { parseTarget, type Target, UnreachableError } from "../verify/connection.js";
import { ProcessError } from "../verify/drain.js";
import {
  type Example,
  type ExampleContext,
  ExampleError,
  readExamples,
  readRecordedCalls,
} from "../verify/example-file.js";
import { MethodNameError, selectMethod } from "../verify/method-names.js";
import { type VerifyMethod, verifyMethods } from "../verify/verify-method.js";
import { VERIFY_RULES } from "../verify/verify-rules.js";
import { type VerifyReport, verifyServer } from "../verify/verify-server.js";
import type { CliIo } from "./cli-io.js";
import type { Command, CommandArguments } from "./command.js";
import { CommandError, ExitCode } from "./command-error.js";
import { INPUT_ARGUMENT, readContractInput } from "./contract-input.js";
import { countFindings, countWords, plural, printJson } from "./diagnostic-lines.js";
import { readModel } from "./read-model.js";
import { renderVerify, verifyJson, verifyJunit } from "./render-verify.js";
import { selectService } from "./select-service.js";
import { COLOR_OPTIONS, textStyle } from "./text-style.js";

const DEFAULT_TIMEOUT_MS = 5_000;

/** `accord verify`: whether a running server, in any language, keeps its contract. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "Judge a running server, in any language, by its contract",
  description: [
    "Calls a server over the network, and tells where it does otherwise than the contract says: methods, health, limits,",
    "deadlines, declared errors with all that they carry, what is on the wire, and what must not leave the server.",
    "Requests come from examples, from recorded calls, or are generated within the rules of buf.validate. Methods that",
    "aren't NO_SIDE_EFFECTS are called only if they are named; what is sent to the others decodes to nothing, and never",
    "reaches them.",
  ],
  positionals: [INPUT_ARGUMENT],
  options: [
    { name: "target", value: "HOST:PORT", summary: "The server. Required" },
    { name: "service", value: "NAME", multiple: true, summary: "Only this service; may be given several times" },
    { name: "call", value: "METHOD", multiple: true, summary: "Call this method too, though it may have side effects" },
    { name: "examples", value: "FILE", multiple: true, summary: "Calls to make, by method: YAML or JSON" },
    {
      name: "recorded",
      value: "FILE",
      multiple: true,
      summary: 'Calls to make, as JSON lines: {"method": …, "request": …}',
    },
    {
      name: "header",
      value: "NAME:VALUE",
      multiple: true,
      summary: "Metadata of each call; may be given several times",
    },
    {
      name: "timeout",
      value: "MS",
      summary: `The longest deadline of a call, in milliseconds (default: ${DEFAULT_TIMEOUT_MS})`,
    },
    { name: "tls", summary: "Speak TLS" },
    { name: "ca", value: "FILE", summary: "The certificates to trust, as PEM; implies --tls" },
    { name: "server-name", value: "NAME", summary: "The name that the server's certificate has; implies --tls" },
    { name: "sigterm", value: "PID", summary: "End the server's process at the end, and judge how it drains" },
    { name: "no-health", summary: "Ask for no health: the server has none by intent" },
    { name: "ignore", value: "RULE", multiple: true, summary: "Tell nothing of this rule; may be given several times" },
    { name: "json", summary: "Print the report as one JSON document" },
    { name: "junit", value: "FILE", summary: "Write the report as JUnit's XML, too" },
    ...COLOR_OPTIONS,
  ],
  examples: [
    { what: "Judge a server by the protos of this folder", command: "accord verify proto --target localhost:50051" },
    {
      what: "With calls of your own, and a method that books something",
      command: "accord verify proto --target localhost:50051 --examples calls.yaml --call Transfer",
    },
    {
      what: "In CI, with the drain",
      command: 'accord verify image.binpb --target localhost:50051 --junit verify.xml --sigterm "$SERVER_PID"',
    },
  ],
  exitCodes: [
    "0: nothing was found",
    "1: the server does otherwise than its contract",
    "2: it can't be reached, or the input can't be read",
  ],
  async run(args, io) {
    const target = readTarget(args, io);
    const [ignored, pid, timeoutMs] = [readIgnored(args), readPid(args), readTimeout(args)];
    const metadata = readMetadata(args);
    const input = await readContractInput(args.positionals[0] ?? ".", io);
    const contract = await readModel(input);
    const all = verifyMethods(contract);
    const methods = selectedMethods(all, args);
    const context = { methods, registry: createRegistry(...input.files) };
    const examples = readAllExamples(args, io, context);
    const called = new Set(args.values("call").map((name) => methodNamed(methods, name)));
    const report = await verified(
      {
        contract,
        ...context,
        target,
        metadata,
        timeoutMs,
        called,
        examples,
        ignored,
        pid,
        health: !args.has("no-health"),
      },
      args,
    );
    return tell(report, args, io);
  },
};

async function verified(options: Parameters<typeof verifyServer>[0], args: CommandArguments): Promise<VerifyReport> {
  try {
    return await verifyServer(options);
  } catch (error) {
    if (error instanceof UnreachableError) {
      throw new CommandError(`${args.value("target")} can't be reached: ${error.message}.`);
    }
    if (error instanceof ProcessError) {
      throw new CommandError(`--sigterm ${options.pid}: ${error.message}.`);
    }
    throw error;
  }
}

function tell(report: VerifyReport, args: CommandArguments, io: CliIo): ExitCode {
  const target = args.value("target") ?? "";
  const code = report.findings.length > 0 ? ExitCode.FOUND : ExitCode.OK;
  const junit = args.value("junit");
  if (junit !== undefined) {
    try {
      writeFileSync(resolve(io.cwd, junit), verifyJunit(report, target));
    } catch (error) {
      throw new CommandError(`${junit} can't be written: ${messageOf(error)}`);
    }
  }
  if (args.has("json")) {
    printJson(verifyJson(report, target), io);
    return code;
  }
  io.stdout.write(renderVerify(report, textStyle(io, io.stdout, args)));
  const calls = report.methods.reduce((sum, method) => sum + method.calls, 0);
  const checked = `${plural(report.methods.length, "method")}, ${plural(calls, "call")}`;
  const style = textStyle(io, io.stderr, args);
  io.stderr.write(
    code === ExitCode.OK
      ? `${style.green(`${checked}: the contract is kept.`)}\n`
      : `${style.red(`${checked}: ${countWords(countFindings(report.findings))}.`)}\n`,
  );
  return code;
}

function readTarget(args: CommandArguments, io: CliIo): Target {
  const text = args.value("target");
  if (text === undefined) {
    throw new CommandError("Which server? Name it: accord verify --target localhost:50051.");
  }
  const place = parseTarget(text);
  if (place === undefined) {
    throw new CommandError(`--target takes host:port, as localhost:50051: "${text}" is something else.`);
  }
  const [ca, serverName] = [args.value("ca"), args.value("server-name")];
  const tls = args.has("tls") || ca !== undefined || serverName !== undefined;
  const authorities = ca === undefined ? undefined : readText(ca, io);
  return { ...place, tls: tls ? { ca: authorities, serverName } : undefined };
}

function readIgnored(args: CommandArguments): Set<string> {
  const names = Object.keys(VERIFY_RULES);
  for (const name of args.values("ignore")) {
    if (!names.includes(name)) {
      const close = nearest(name, names);
      throw new CommandError(
        `There is no rule "${name}" to ignore.${close === undefined ? ` There are ${names.join(", ")}.` : ` Did you mean ${close}?`}`,
      );
    }
  }
  return new Set(args.values("ignore"));
}

function readPid(args: CommandArguments): number | undefined {
  const text = args.value("sigterm");
  if (text === undefined) {
    return undefined;
  }
  // 0 and -1 are groups of processes, and 1 is the machine's.
  if (!/^[1-9]\d{0,9}$/.test(text) || text === "1") {
    throw new CommandError(`--sigterm takes the id of the server's process: "${text}" is none.`);
  }
  return Number(text);
}

function readTimeout(args: CommandArguments): number {
  const text = args.value("timeout") ?? String(DEFAULT_TIMEOUT_MS);
  const timeout = Number(text);
  if (!/^\d{1,6}$/.test(text) || timeout < 1) {
    throw new CommandError(`--timeout takes milliseconds, from 1 to 999999: "${text}" is something else.`);
  }
  return timeout;
}

function readMetadata(args: CommandArguments): Record<string, string> {
  return Object.fromEntries(
    args.values("header").map((header) => {
      const [, name, value = ""] = /^([\w.-]+)\s*[:=]\s*(.*)$/s.exec(header) ?? [];
      if (name === undefined || /[^\x20-\x7e]/.test(value)) {
        throw new CommandError(
          `--header takes name: value, of ASCII characters: ${JSON.stringify(header)} is something else.`,
        );
      }
      return [name.toLowerCase(), value];
    }),
  );
}

function selectedMethods(methods: readonly VerifyMethod[], args: CommandArguments): readonly VerifyMethod[] {
  const services = [...new Set(methods.map(({ service }) => service))];
  const wanted = new Set(args.values("service").map((name) => selectService(services, (service) => service, name)));
  return wanted.size === 0 ? methods : methods.filter(({ service }) => wanted.has(service));
}

function methodNamed(methods: readonly VerifyMethod[], name: string): VerifyMethod {
  try {
    return selectMethod(methods, name);
  } catch (error) {
    throw error instanceof MethodNameError ? new CommandError(error.message) : error;
  }
}

function readAllExamples(args: CommandArguments, io: CliIo, context: ExampleContext): Example[] {
  try {
    return [
      ...args.values("examples").flatMap((path) => readExamples(path, readText(path, io), context)),
      ...args.values("recorded").flatMap((path) => readRecordedCalls(path, readText(path, io), context)),
    ];
  } catch (error) {
    throw error instanceof ExampleError ? new CommandError(error.message) : error;
  }
}

function readText(path: string, io: CliIo): string {
  try {
    return readRegularFile(resolve(io.cwd, path)).toString("utf8");
  } catch (error) {
    throw new CommandError(`${path} can't be read: ${messageOf(error)}`);
  }
}
