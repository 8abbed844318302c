import { lineText } from "@accord-grpc/runtime/contract";

/**
 * Why a proto file's name can't become the path of generated files, as a clause that goes behind the name; undefined if it can.
 *
 * Output paths are made of it, so what leaves the output folder, on whatever system, is refused. Compilers refuse most of it
 * themselves, but a request may come from elsewhere.
 *
 * @param name as the compiler gives it: `ledger/v1/ledger.proto`
 */
export function fileNameProblem(name: string): string | undefined {
  if (name === "") {
    return "is empty";
  }
  if (lineText(name) !== name) {
    return "has a control character in it";
  }
  if (name.startsWith("/")) {
    return "is an absolute path";
  }
  if (name.includes("\\")) {
    return "has a backslash in it, which separates folders on Windows";
  }
  if (name.includes(":")) {
    return "has a colon in it, which stands behind a drive's letter on Windows";
  }
  for (const segment of name.replace(/\.proto$/, "").split("/")) {
    const problem = segmentProblem(segment);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

function segmentProblem(segment: string): string | undefined {
  if (segment === "") {
    return "has an empty part";
  }
  if (segment === "." || segment === "..") {
    return `has the part "${segment}"`;
  }
  if (/[. ]$/.test(segment)) {
    return `has the part "${segment}", whose end Windows leaves out`;
  }
  return DEVICE.test(segment) ? `has the part "${segment}", which is a device on Windows` : undefined;
}

// Whatever comes behind a dot.
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/i;
