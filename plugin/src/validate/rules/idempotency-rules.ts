import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { checkedFiles } from "../elements.js";
import { type CheckContext, defineRules, type Report } from "../rule.js";

/** Rules on the fields that identify a request. */
export const IDEMPOTENCY_RULES = defineRules({
  IDEMPOTENCY_KEY_SHAPE: {
    severity: "error",
    waivable: false,
    description: "An `idempotency_key` that isn't a singular `string` outside of a oneof, or a message with two.",
    check: checkShape,
  },
  IDEMPOTENCY_KEY_UNUSED: {
    severity: "warning",
    waivable: true,
    description: "An `idempotency_key` in a message that is the single request of no method: nobody fills it.",
    check: checkUnused,
  },
});

function checkShape({ contract }: CheckContext, report: Report): void {
  for (const file of checkedFiles(contract)) {
    const first = new Map<DescMessage, DescField>();
    for (const { desc, options, at } of file.fields) {
      if (!options.idempotencyKey) {
        continue;
      }
      const place = at.at("idempotencyKey");
      const known = first.get(desc.parent);
      first.set(desc.parent, known ?? desc);
      if (known !== undefined) {
        report(
          place,
          `${desc.parent.name} has two idempotency keys, ${known.name} and ${desc.name}: a request is identified by one. Remove one of the marks.`,
        );
      }
      if (desc.fieldKind !== "scalar" || desc.scalar !== ScalarType.STRING) {
        report(
          place,
          `${desc.name} can't be an idempotency key: the client fills it with a UUID, so it has to be a singular string.`,
        );
      } else if (desc.oneof !== undefined) {
        report(
          place,
          `${desc.name} can't be an idempotency key: filling it would clear the other fields of the oneof ${desc.oneof.name}. Move it out of the oneof.`,
        );
      }
    }
  }
}

function checkUnused({ contract }: CheckContext, report: Report): void {
  const keys = checkedFiles(contract).flatMap((file) => file.fields.filter(({ options }) => options.idempotencyKey));
  if (keys.length === 0) {
    return;
  }
  const requests = new Set<DescMessage>();
  for (const file of contract.raw.files) {
    for (const { desc } of file.services.flatMap((service) => service.methods)) {
      if (desc.methodKind === "unary" || desc.methodKind === "server_streaming") {
        requests.add(desc.input);
      }
    }
  }
  for (const { desc, at } of keys) {
    if (!requests.has(desc.parent)) {
      report(
        at.at("idempotencyKey"),
        `Nobody fills ${desc.name}: ${desc.parent.name} is the single request of no method here. Remove the mark, or move it to the message that the method takes.`,
      );
    }
  }
}
