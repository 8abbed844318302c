import type { EventLoopUtilization } from "node:perf_hooks";
import type { Metadata } from "@grpc/grpc-js";
import { isServerFault } from "../telemetry/response-attributes.js";
import { encodeLoadReport, LOAD_REPORT_TRAILER } from "../wire/load-report.js";
import type { Status } from "../wire/status.js";

/** Long enough to count calls in, and as often as grpc-js's clients look at weights. */
const WINDOW_MS = 1_000;

/** Reads how much of its time the event loop has worked. */
export type ReadUtilization = (before?: EventLoopUtilization) => EventLoopUtilization;

/**
 * How busy a server is: what it has done in the last whole second. On Node, the event loop is what runs out first, so that the
 * share of the time that it works is the utilisation; a share of a container's CPU would miss that a process has one thread of it.
 */
export class ServerLoad {
  readonly #utilization: ReadUtilization;
  #since = performance.now();
  #before: EventLoopUtilization;
  #calls = 0;
  #errors = 0;
  #encoded: Buffer | undefined;

  constructor(utilization: ReadUtilization = (before) => performance.eventLoopUtilization(before)) {
    this.#utilization = utilization;
    this.#before = utilization();
  }

  /** A call has ended. */
  ended(status: Status): void {
    this.#calls += 1;
    this.#errors += isServerFault(status) ? 1 : 0;
  }

  /** Puts the report into a call's trailers, as soon as there is one. */
  reportIn(trailers: () => Metadata): void {
    this.#lookAgain();
    if (this.#encoded !== undefined) {
      trailers().set(LOAD_REPORT_TRAILER, this.#encoded);
    }
  }

  #lookAgain(): void {
    const now = performance.now();
    const seconds = (now - this.#since) / 1000;
    if (now - this.#since < WINDOW_MS) {
      return;
    }
    const { utilization } = this.#utilization(this.#before);
    this.#encoded = encodeLoadReport({
      applicationUtilization: utilization,
      requestsPerSecond: this.#calls / seconds,
      errorsPerSecond: this.#errors / seconds,
    });
    this.#before = this.#utilization();
    this.#since = now;
    this.#calls = 0;
    this.#errors = 0;
  }
}
