import { describe, expect, it } from "vitest";
import { CommandError } from "./command-error.js";
import { selectService } from "./select-service.js";

const SERVICES = ["ledger.v1.LedgerService", "ledger.v2.LedgerService", "audit.v1.AuditService", "Bare"];

function select(name: string, services: readonly string[] = SERVICES): string {
  return selectService(services, (service) => service, name);
}

describe("a service", () => {
  it.each([
    ["ledger.v2.LedgerService", "ledger.v2.LedgerService"],
    ["LEDGER.V2.ledgerservice", "ledger.v2.LedgerService"],
    ["AuditService", "audit.v1.AuditService"],
    ["auditservice", "audit.v1.AuditService"],
    ["Bare", "Bare"],
  ])("is found by %s", (name, found) => {
    expect(select(name)).toBe(found);
  });

  it("is preferred if its name is exactly the one", () => {
    expect(select("Shop", ["a.SHOP", "b.Shop"])).toBe("b.Shop");
  });

  it("must be the only one of its name", () => {
    expect(() => select("LedgerService")).toThrow(
      'Several services are called "LedgerService". Use the full name of one.',
    );
  });

  it("is suggested if there is none of the name", () => {
    expect(() => select("AuditSrvice")).toThrow("Did you mean audit.v1.AuditService?");
    expect(() => select("zzzzzzzzzzzz")).toThrow(/^There is no service "zzzzzzzzzzzz"\.$/);
  });

  it("list stays short", () => {
    const many = Array.from({ length: 30 }, (_, index) => `s.Service${index}`);
    try {
      select("zzzzzzzzzzzz", many);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CommandError);
      expect(error).toMatchObject({ details: expect.arrayContaining(["  … and 10 more"]) });
    }
  });
});
