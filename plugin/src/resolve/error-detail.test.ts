import { ContractError, Status } from "@accord-grpc/runtime";
import { expect, it } from "vitest";
import { PROPERTIES_OF_ALL_ERRORS } from "./error-detail.js";

it("knows every property of an error that a message could be named after", () => {
  class SomeError extends ContractError {}
  const error = new SomeError({ code: "SOME", status: Status.ABORTED, message: "some" }, { cause: new Error("some") });
  const names = new Set<string>();
  for (let next: unknown = error; next !== null; next = Object.getPrototypeOf(next)) {
    Object.getOwnPropertyNames(next).forEach((name) => {
      names.add(name);
    });
  }
  const fit = [...names].filter((name) => /^[a-z][A-Za-z0-9]*$/.test(name));
  expect(fit.sort()).toEqual([...PROPERTIES_OF_ALL_ERRORS].sort());
});
