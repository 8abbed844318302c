import { generate } from "@accord-grpc/protoc-gen-accord";
import { readRequest } from "../golden/golden-case.js";

/** What is generated of the protos of a golden case: path → content. */
export async function generateArtifacts(goldenCase: string, parameter: string): Promise<Map<string, string>> {
  const { files, error } = await tryToGenerate(goldenCase, parameter);
  if (error !== "") {
    throw new Error(error);
  }
  return files;
}

/** The same, for parameters that may be refused. */
export async function tryToGenerate(
  goldenCase: string,
  parameter: string,
): Promise<{ readonly files: Map<string, string>; readonly error: string }> {
  const { response } = await generate({ ...readRequest(goldenCase), parameter });
  return { files: new Map(response.file.map(({ name, content }) => [name, content])), error: response.error };
}
