// What the runs of a group come to.
import { REFERENCE } from "./plugins.mjs";
import { WHOLE, WITH_COMMENTS } from "./requests.mjs";

/**
 * A plugin's runs on an input, in short.
 *
 * @param runs its own
 * @param reference those of the plugin that it is compared with, on the same input
 * @param own its own on the same input without comments, if that is another one
 */
export function summary(runs, reference, own) {
  const last = runs.at(-1);
  if (last.notDoneAfter !== undefined || last.failure !== undefined) {
    return last.failure === undefined ? { notDoneAfter: last.notDoneAfter } : { failure: last.failure };
  }
  return {
    runs: runs.length,
    seconds: spreadOf(runs, "seconds"),
    ...compared("ratio", runs, reference, "seconds"),
    processorSeconds: spreadOf(runs, "processorSeconds"),
    ...compared("processorRatio", runs, reference, "processorSeconds"),
    ...(own === undefined ? {} : compared("toOwnWithoutComments", runs, own, "processorSeconds")),
    peakMiB: spreadOf(runs, "peakMiB"),
    outputMiB: rounded(last.outputMiB),
  };
}

function spreadOf(runs, measure) {
  return runs[0][measure] === undefined ? undefined : spread(runs.map((run) => run[measure]));
}

/** Ratios of runs of the same round. One that was run once only is what all rounds are compared with. */
function compared(name, runs, others, measure) {
  const [first] = others;
  if (first?.notDoneAfter !== undefined) {
    return measure === "seconds"
      ? { [name]: { under: rounded(Math.max(...runs.map(({ seconds }) => seconds)) / first.notDoneAfter) } }
      : {};
  }
  const ratios = runs.flatMap((run) => {
    const other = others.find(({ round }) => round === run.round) ?? first;
    return other?.[measure] === undefined ? [] : [run[measure] / other[measure]];
  });
  return ratios.length === 0 ? {} : { [name]: spread(ratios) };
}

/** How a plugin's processor time and memory grow from the first of some inputs to the last: 1 is in proportion. */
export function growth(inputs, plugin) {
  const points = inputs.flatMap(({ requestMiB, plugins }) => {
    const { processorSeconds, peakMiB } = plugins[plugin] ?? {};
    return processorSeconds === undefined
      ? []
      : [{ requestMiB, seconds: processorSeconds.median, peakMiB: peakMiB.median }];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || first === last) {
    return undefined;
  }
  const exponent = (measure) =>
    rounded(Math.log(last[measure] / first[measure]) / Math.log(last.requestMiB / first.requestMiB));
  return { points, timeExponent: exponent("seconds"), memoryExponent: exponent("peakMiB") };
}

/** What we aim at, and what came out. */
export function aims(inputs) {
  const of = (input, plugin = "accord") => inputs.find(({ name }) => name === input)?.plugins[plugin];
  const ratio = (input) => of(input)?.ratio?.median ?? of(input)?.ratio?.under;
  const grown = inputs.find(({ growth }) => growth !== undefined)?.growth.accord;
  return [
    aim(`one method: as fast as ${REFERENCE}`, ratio("small"), 1),
    aim(`${WHOLE}: a third of ${REFERENCE}'s time`, ratio(WHOLE), 0.33),
    aim(`${WITH_COMMENTS}: twice our own time without comments`, of(WITH_COMMENTS)?.toOwnWithoutComments?.median, 2),
    aim("time in proportion to the request: exponent", grown?.timeExponent, 1.1),
    aim("memory in proportion to the request: exponent", grown?.memoryExponent, 1.1),
  ];
}

function aim(text, measured, atMost) {
  return { aim: text, atMost, measured, met: measured === undefined ? undefined : measured <= atMost };
}

function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median: rounded(median), min: rounded(sorted[0]), max: rounded(sorted.at(-1)) };
}

export function rounded(number) {
  return Number(number.toPrecision(3));
}
