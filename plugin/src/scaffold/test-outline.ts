import type { ContractModel, MethodModel } from "../model/model.js";

/** What the tests of a servicer are about: a case for each way that the contract has a call end. */
export interface TestOutline {
  /** `ledger.v1.LedgerService` */
  readonly service: string;
  /** In the order of the proto. */
  readonly methods: readonly MethodCases[];
}

/** The cases of a method. */
export interface MethodCases {
  /** `transfer` */
  readonly method: string;
  readonly cases: readonly TestCase[];
}

/** A case: a call that ends with OK, or with a declared error. */
export interface TestCase {
  /** `OK`, `INSUFFICIENT_FUNDS`: by this word in its title a case is found again. */
  readonly code: string;
  /** `ends with OK`, `raises INSUFFICIENT_FUNDS` */
  readonly title: string;
  /** `InsufficientFundsError, FAILED_PRECONDITION` */
  readonly remark: string | undefined;
}

/** The outlines of all services of a model, by their names. */
export function outlineTests(model: ContractModel): ReadonlyMap<string, TestOutline> {
  const services = model.packages.flatMap((pkg) => pkg.services.filter(({ isBuiltIn }) => !isBuiltIn));
  return new Map(
    services.map(({ service: { typeName }, methods }) => [
      typeName,
      { service: typeName, methods: methods.map(methodCases) },
    ]),
  );
}

function methodCases({ names, raises }: MethodModel): MethodCases {
  const errors = raises.map(
    ({ code, exception, status }): TestCase => ({ code, title: `raises ${code}`, remark: `${exception}, ${status}` }),
  );
  return { method: names.member, cases: [{ code: "OK", title: "ends with OK", remark: undefined }, ...errors] };
}
