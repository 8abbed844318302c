// One subject in a process of its own: measures what it is told to, when it is told.
import { WORKLOADS } from "./payloads.mjs";

const subject = await import(process.argv[2]);
// Nothing that is computed may be optimised away.
globalThis.sink = 0;

process.on("message", ({ workload, task, milliseconds }) => {
  const run = tasks.get(`${workload}/${task}`);
  process.send({ nanoseconds: run === undefined ? undefined : measure(run, milliseconds) });
});

const tasks = new Map();
const workloads = subject.workloads ?? Object.keys(WORKLOADS);
for (const workload of workloads) {
  const { type, ...payload } = WORKLOADS[workload];
  const init = subject.shapeOf?.(payload.init) ?? payload.init;
  const message = subject.createFor(type)(init);
  const encode = subject.encoderFor(type);
  const encodeInit = subject.initEncoderFor(type);
  tasks.set(`${workload}/encode`, () => encode(message).byteLength);
  tasks.set(`${workload}/encode init shape`, () => encodeInit(init).byteLength);
  if (subject.decoderFor !== undefined) {
    // As grpc-js gives it.
    const bytes = Buffer.from(encode(message));
    const decode = subject.decoderFor(type);
    tasks.set(`${workload}/decode`, () => (decode(bytes) === undefined ? 1 : 0));
    tasks.set(`${workload}/bytes`, () => bytes);
  }
}
process.send({
  tasks: [...tasks.keys()].filter((name) => !name.endsWith("/bytes")),
  // All subjects must write the same.
  bytes: Object.fromEntries(
    workloads.map((workload) => [workload, tasks.get(`${workload}/bytes`)?.().toString("hex")]),
  ),
});

/**
 * Runs a task for a while.
 *
 * @returns nanoseconds of processor time for each run, garbage collection included: other processes don't count in it
 */
function measure(run, milliseconds) {
  let runs = 0;
  let elapsed = 0;
  let batch = 1;
  const start = process.cpuUsage();
  while (elapsed < milliseconds * 1_000) {
    for (let i = 0; i < batch; i++) {
      globalThis.sink += run();
    }
    runs += batch;
    const { user, system } = process.cpuUsage(start);
    elapsed = user + system;
    // Asking for the time takes time.
    batch = Math.max(1, Math.floor((runs * 5_000) / (elapsed + 1)));
  }
  return (elapsed * 1_000) / runs;
}
