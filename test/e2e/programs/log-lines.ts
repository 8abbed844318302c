import { defaultLogger } from "../../../runtime/src/log/default-logger.js";

// Logs lines in one tick, and ends in the way that it is told to.

const [end = "", lines = "1000"] = process.argv.slice(2);
const logger = defaultLogger();

function log(count: number): void {
  for (let i = 0; i < count; i += 1) {
    logger.info({ i }, "line");
  }
}

function hold(): void {
  setInterval(() => {}, 1000);
}

const ENDS: Readonly<Record<string, () => void>> = {
  return() {},
  "non-blocking"() {
    // Whoever looks at process.stdout makes a pipe one that doesn't block.
    process.stdout.on("error", () => {});
    log(50_000);
  },
  exit: () => process.exit(3),
  throw() {
    throw new Error("fatal");
  },
  reject() {
    void Promise.reject(new Error("fatal"));
  },
  "late-lines"() {
    process.on("exit", () => logger.info({ i: "at exit" }, "line"));
  },
  signal() {
    process.kill(process.pid, "SIGTERM");
    hold();
  },
  "own-listener"() {
    // Drains, as a server does, and logs meanwhile.
    process.once("SIGTERM", () => {
      logger.info({ i: "draining" }, "line");
      setTimeout(() => {
        logger.info({ i: "drained" }, "line");
        process.exit(0);
      }, 20);
    });
    process.kill(process.pid, "SIGTERM");
    hold();
  },
  "lives-on"() {
    // Takes a signal for something else, and ends by another one.
    process.on("SIGHUP", () => {
      logger.info({ i: "hung up" }, "line");
      setTimeout(() => {
        logger.info({ i: "last" }, "line");
        process.kill(process.pid, "SIGTERM");
      }, 20);
    });
    process.kill(process.pid, "SIGHUP");
    hold();
  },
  "counting-listener"() {
    // As `signal-exit` does: it ends the process only if nobody else listens.
    const listener = (): void => {
      if (process.listenerCount("SIGTERM") === 1) {
        process.off("SIGTERM", listener);
        process.kill(process.pid, "SIGTERM");
      }
    };
    process.on("SIGTERM", listener);
    process.kill(process.pid, "SIGTERM");
    hold();
  },
};

log(Number(lines));
ENDS[end]?.();
