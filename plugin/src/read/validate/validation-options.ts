import {
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescOneof,
  getExtension,
  type Message,
} from "@bufbuild/protobuf";
import type { GenExtension } from "@bufbuild/protobuf/codegenv2";
import { DescriptorProtoSchema, FieldDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { OptionPlace } from "../place.js";
import * as validate from "./gen/buf/validate/validate_pb.js";

export type { FieldRules, MapRules, MessageRules, RepeatedRules } from "./gen/buf/validate/validate_pb.js";
export { FieldRulesSchema, Ignore } from "./gen/buf/validate/validate_pb.js";

/** What an element says in protovalidate's language: nothing, rules, or what isn't of a version that is known. */
export type Rules<M> = M | undefined | "unreadable";

/** The rules of a field. */
export function fieldRules({ proto }: DescField): Rules<validate.FieldRules> {
  return read(proto.options, validate.field);
}

/** Where the rules of a field stand. */
export function fieldRulesPlace(desc: DescField): OptionPlace<validate.FieldRules> {
  const { number, typeName } = validate.field;
  const steps = [FieldDescriptorProtoSchema.field.options.number, number];
  return new OptionPlace({ desc, steps, option: { extension: typeName, path: [] }, schema: validate.FieldRulesSchema });
}

/** Where the rules of a message stand. */
export function messageRulesPlace(desc: DescMessage): OptionPlace<validate.MessageRules> {
  const { number, typeName } = validate.message;
  const steps = [DescriptorProtoSchema.field.options.number, number];
  return new OptionPlace({
    desc,
    steps,
    option: { extension: typeName, path: [] },
    schema: validate.MessageRulesSchema,
  });
}

/** The rules of a message. */
export function messageRules({ proto }: DescMessage): Rules<validate.MessageRules> {
  return read(proto.options, validate.message);
}

/** The rules of a oneof. */
export function oneofRules({ proto }: DescOneof): Rules<validate.OneofRules> {
  return read(proto.options, validate.oneof);
}

function read<Extendee extends Message, M extends Message>(
  options: Extendee | undefined,
  extension: GenExtension<Extendee, M>,
): Rules<M> {
  if (!options?.$unknown?.some(({ no }) => no === extension.number)) {
    return undefined;
  }
  try {
    // TypeScript can't compute the value's type of a generic extension.
    const rules = getExtension<DescExtension>(options, extension) as M;
    return rules.$unknown === undefined ? rules : "unreadable";
  } catch {
    return "unreadable";
  }
}
