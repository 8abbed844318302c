import type { LogPolicyModel } from "../../model/model.js";

/** How the log lines of a method's calls are written, as far as it isn't as elsewhere: `no payloads`. */
export function logPolicyWords({ payload, lines, sampleOneIn, level }: LogPolicyModel): readonly string[] {
  return [
    ...(payload ? [] : ["no payloads"]),
    ...(lines === "both" ? [] : ["one line for a call, at its end"]),
    ...(sampleOneIn === 1 ? [] : [`one in ${sampleOneIn} of the calls that end with OK`]),
    ...(level === "info" ? [] : [`level ${level}, but for calls that fail`]),
  ];
}
