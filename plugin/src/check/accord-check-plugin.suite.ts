import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { type CompiledCase, compileWithBuf } from "../../../test/rejected/compile-cases.js";
import { callProcedure } from "../buf-plugin/buf-plugin.fixture.js";
import { CheckService } from "../buf-plugin/gen/buf/plugin/check/v1/check_service_pb.js";
import { checkProcedures } from "../buf-plugin/index.js";
import { CHANGE_RULES } from "../cli/breaking/contract-change.js";
import { annotatedFiles, readContract, rulePage } from "../contract.js";
import { NO_SOURCES, type ProtoSources } from "../read/source/proto-sources.js";
import { RULES } from "../validate/rules.js";
import { accordCheckPlugin } from "./accord-check-plugin.js";

const PLUGIN = accordCheckPlugin();
const PROCEDURES = checkProcedures(PLUGIN);

/** What buf shows of an annotation: it looks its path up in the file's source info. */
function shown({ files }: CompiledCase, fileName: string, sourcePath: readonly number[]): readonly [number, number] {
  const locations = files.find(({ proto }) => proto.name === fileName)?.proto.sourceCodeInfo?.location ?? [];
  const span = locations.find(({ path }) => path.join() === sourcePath.join())?.span ?? [0, 0];
  return [(span[0] ?? 0) + 1, (span[1] ?? 0) + 1];
}

function requestOf({ files, toGenerate }: CompiledCase) {
  return {
    fileDescriptors: files.map(({ proto }) => ({
      fileDescriptorProto: proto,
      isImport: !toGenerate.has(proto.name),
    })),
  };
}

describe("the rules in buf lint", () => {
  it.each(
    compileWithBuf("rejected").flatMap((compiled) => [
      [compiled.name, compiled, compiled.sources] as const,
      [`${compiled.name}, without its text`, compiled, NO_SOURCES] as const,
    ]),
  )("%s: what accord lint says, where it says it", async (_, compiled, sources) => {
    const procedures = checkProcedures(accordCheckPlugin(sources));
    const { response, error } = await callProcedure(procedures, CheckService.method.check, requestOf(compiled));
    expect(error).toBeUndefined();
    const actual = response?.annotations.map(({ ruleId, message, fileLocation }) => {
      const { fileName = "", sourcePath = [] } = fileLocation ?? {};
      // Where the compiler has no location for a place, buf points at what is around it, and the message says the place.
      const [, told, line, column, page = ""] = /^(.*) \(At ([0-9]+):([0-9]+)\.\)( \S+)$/s.exec(message) ?? [];
      const at = told === undefined ? shown(compiled, fileName, sourcePath) : [Number(line), Number(column)];
      return `${fileName}:${at.join(":")} ${ruleId} ${told === undefined ? message : `${told}${page}`}`;
    });
    // What is annotated from the user's own files is the user's to check, as accord lint does.
    const { files, toGenerate } = compiled;
    const { diagnostics } = readContract(
      files,
      new Set([...toGenerate, ...annotatedFiles(files, toGenerate)]),
      sources,
    );
    expect(actual).toEqual(
      diagnostics.map(
        ({ path, line, column, rule, message }) =>
          `${path}:${line}:${column} ACCORD_${rule} ${message} ${rulePage(rule)}`,
      ),
    );
  });

  it("don't take a text for the one that is being edited, which isn't saved yet", async () => {
    const compiled = compileWithBuf("rejected").find(({ name }) => name === "log-path-unknown");
    if (compiled === undefined) {
      return expect.unreachable();
    }
    const saved: ProtoSources = function* (path) {
      for (const text of compiled.sources(path)) {
        yield text.replaceAll("log:", " log:");
      }
    };
    const said = async (sources: ProtoSources) =>
      (await callProcedure(checkProcedures(accordCheckPlugin(sources)), CheckService.method.check, requestOf(compiled)))
        .response?.annotations;
    expect(await said(saved)).toEqual(await said(NO_SOURCES));
    expect(await said(compiled.sources)).not.toEqual(await said(NO_SOURCES));
  });

  it("are all there, and all that accord breaking reports", () => {
    expect(PLUGIN.rules.map(({ id, type }) => `${type} ${id}`)).toEqual([
      ...Object.keys(RULES).map((id) => `lint ACCORD_${id}`),
      ...Object.keys(CHANGE_RULES).map((id) => `breaking ACCORD_${id}`),
    ]);
  });

  it("can leave warnings out", async () => {
    const compiled = compileWithBuf("rejected").find(({ name }) => name === "timeout-missing");
    if (compiled === undefined) {
      return expect.unreachable();
    }
    const options = [{ key: "errors_only", value: { type: { case: "boolValue" as const, value: true } } }];
    const request = { ...requestOf(compiled), options };
    expect((await callProcedure(PROCEDURES, CheckService.method.check, request)).response?.annotations).toEqual([]);
  });

  it("refuses an option that it doesn't know", async () => {
    const options = [{ key: "error_only", value: { type: { case: "boolValue" as const, value: true } } }];
    const { error } = await callProcedure(PROCEDURES, CheckService.method.check, { options });
    expect(error?.message).toBe("Unknown option error_only in buf.yaml: there are errors_only.");
  });

  it("say nothing of files without contracts", async () => {
    const fileDescriptors = [{ fileDescriptorProto: FileDescriptorProtoSchema.file.proto }];
    const { response } = await callProcedure(PROCEDURES, CheckService.method.check, { fileDescriptors });
    expect(response?.annotations).toEqual([]);
  });
});
