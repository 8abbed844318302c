import type { experimental } from "@grpc/grpc-js";
import { loadReportOf } from "../wire/load-report.js";
import { PARSED_LOAD_REPORT_KEY } from "./private-names.js";

type Picker = experimental.Picker;
type PickResult = experimental.PickResult;

/**
 * A policy's picker that is told what backends report with their answers, without having to read it.
 *
 * grpc-js reads a report by loading the schema of reports from its files, anew with each call: 30 ms of the event loop. It asks first
 * whether somebody has read it. Where no utilisation is reported but that of the CPU, that is what counts, as gRFC A58 has it.
 */
export function weighingPicker(picker: Picker): Picker {
  return {
    pick: (args) => {
      const answer = picker.pick(args);
      return answer.onCallEnded === null ? answer : { ...answer, onCallEnded: readFirst(answer.onCallEnded) };
    },
  };
}

function readFirst(onCallEnded: NonNullable<PickResult["onCallEnded"]>): PickResult["onCallEnded"] {
  return (code, details, metadata) => {
    const report = loadReportOf(metadata);
    if (report !== undefined) {
      metadata.setOpaque(PARSED_LOAD_REPORT_KEY, {
        application_utilization: report.applicationUtilization ?? report.cpuUtilization ?? 0,
        rps_fractional: report.requestsPerSecond ?? 0,
        eps: report.errorsPerSecond ?? 0,
      });
    }
    onCallEnded(code, details, metadata);
  };
}
