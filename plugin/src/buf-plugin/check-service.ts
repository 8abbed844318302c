import type { AnyDesc, MessageInitShape } from "@bufbuild/protobuf";
import { descriptorPath, fileOf } from "../read/descriptor-path.js";
import { readOptions } from "./check-options.js";
import type { CheckCategory, CheckLocation, CheckPlugin, CheckRule, Finding } from "./check-plugin.js";
import { checkedFiles } from "./checked-files.js";
import type { AnnotationSchema } from "./gen/buf/plugin/check/v1/annotation_pb.js";
import type { CategorySchema } from "./gen/buf/plugin/check/v1/category_pb.js";
import { type CheckRequest, CheckService } from "./gen/buf/plugin/check/v1/check_service_pb.js";
import { type RuleSchema, RuleType } from "./gen/buf/plugin/check/v1/rule_pb.js";
import type { FileLocationSchema } from "./gen/buf/plugin/descriptor/v1/file_location_pb.js";
import { pageOf } from "./list-page.js";
import { Code, PluginError } from "./plugin-error.js";
import { type Procedure, procedure } from "./procedure.js";

/** The procedures of `buf.plugin.check.v1.CheckService`, by which buf asks a check plugin. */
export function checkProcedures(plugin: CheckPlugin): readonly Procedure[] {
  return [
    procedure(CheckService.method.check, async (request) => ({ annotations: await annotations(plugin, request) })),
    procedure(CheckService.method.listRules, ({ pageSize, pageToken }) => {
      const { items, nextPageToken } = pageOf(plugin.rules, pageSize, pageToken);
      return { rules: items.map(ruleInit), nextPageToken };
    }),
    procedure(CheckService.method.listCategories, ({ pageSize, pageToken }) => {
      const { items, nextPageToken } = pageOf(plugin.categories ?? [], pageSize, pageToken);
      return { categories: items.map(categoryInit), nextPageToken };
    }),
  ];
}

async function annotations(
  plugin: CheckPlugin,
  request: CheckRequest,
): Promise<MessageInitShape<typeof AnnotationSchema>[]> {
  const known = new Set(plugin.rules.map(({ id }) => id));
  const unknown = request.ruleIds.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    throw new PluginError(Code.INVALID_ARGUMENT, `There is no rule ${unknown.join(", ")}.`);
  }
  const rules = new Set(
    request.ruleIds.length > 0 ? request.ruleIds : plugin.rules.filter(isDefault).map(({ id }) => id),
  );
  const findings = await plugin.check({
    files: checkedFiles(request.fileDescriptors),
    against: checkedFiles(request.againstFileDescriptors),
    options: readOptions(request.options),
    rules,
  });
  const found: MessageInitShape<typeof AnnotationSchema>[] = [];
  for (const finding of findings) {
    if (!known.has(finding.rule)) {
      throw new Error(`The check found a ${finding.rule}, which isn't among the plugin's rules`);
    }
    if (rules.has(finding.rule)) {
      found.push(annotationInit(finding));
    }
  }
  return found;
}

function isDefault({ isDefault: chosen, deprecated = false }: CheckRule): boolean {
  return chosen ?? !deprecated;
}

function annotationInit({ rule, message, at, was }: Finding): MessageInitShape<typeof AnnotationSchema> {
  return {
    ruleId: rule,
    message,
    ...(at && { fileLocation: locationInit(at) }),
    ...(was && { againstFileLocation: locationInit(was) }),
  };
}

function locationInit(at: AnyDesc | CheckLocation): MessageInitShape<typeof FileLocationSchema> {
  if ("kind" in at) {
    return { fileName: fileOf(at).proto.name, sourcePath: [...descriptorPath(at)] };
  }
  return { fileName: at.file, sourcePath: [...(at.path ?? [])] };
}

function ruleInit(rule: CheckRule): MessageInitShape<typeof RuleSchema> {
  return {
    id: rule.id,
    purpose: rule.purpose,
    type: rule.type === "breaking" ? RuleType.BREAKING : RuleType.LINT,
    categoryIds: [...(rule.categories ?? [])],
    default: isDefault(rule),
    deprecated: rule.deprecated ?? false,
    replacementIds: [...(rule.replacedBy ?? [])],
  };
}

function categoryInit(category: CheckCategory): MessageInitShape<typeof CategorySchema> {
  return {
    id: category.id,
    purpose: category.purpose,
    deprecated: category.deprecated ?? false,
    replacementIds: [...(category.replacedBy ?? [])],
  };
}
