import { expect, it } from "vitest";
import { renderDiagnostic } from "./diagnostic.js";

it("is one line, whatever the message quotes, with the address of the rule's page", () => {
  const place = { path: "a.proto", line: 1, column: 2, severity: "error", rule: "ERROR_PLACEHOLDER" } as const;
  expect(renderDiagnostic({ ...place, message: 'The message of A"B\n\u001b[31m shows {x}.' })).toBe(
    'a.proto:1:2: error ERROR_PLACEHOLDER: The message of A"B\\u000a\\u001b[31m shows {x}. https://github.com/accord-grpc/accord/blob/main/docs/rules.md#error_placeholder',
  );
});
