import { memberName } from "@accord-grpc/runtime/contract";
import { fakeClient, startTestServer } from "@accord-grpc/runtime/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UPDATING } from "./golden-case.js";
import { NamesClient } from "./hostile/gen/hostile/v1/names_client.js";
import { Names } from "./hostile/gen/hostile/v1/names_pb.js";
import { bindNames, type NamesServicer } from "./hostile/gen/hostile/v1/names_servicer.js";

// RPCs that are called as what every object, function or promise has already.

type Method = (request: { readonly said: string }) => Promise<{ readonly said: string }>;

const members = Names.methods.map(({ name, localName }) => ({ name, member: memberName(localName) }));

describe.skipIf(UPDATING)("a method whose name objects have", () => {
  const called: string[] = [];
  let close: () => Promise<void>;
  let client: NamesClient;

  beforeAll(async () => {
    const handlers = members.map(({ name, member }) => [
      member,
      async ({ said }: { readonly said: string }) => {
        called.push(name);
        return { said: `${name} ${said}` };
      },
    ]);
    const servicer = Object.fromEntries(handlers) as NamesServicer;
    const started = await startTestServer([bindNames(servicer)]);
    close = () => started.close();
    client = new NamesClient(started.channel);
  });

  afterAll(() => close());

  it.each(members)("$name of a fake that has no function for it is unimplemented", async ({ member }) => {
    const fake = fakeClient(NamesClient, bindNames, {});
    const method = (fake as unknown as Readonly<Record<string, Method>>)[member];
    await expect(method?.({ said: "x" })).rejects.toMatchObject({ code: "UNIMPLEMENTED" });
  });

  it.each(members)("$name is called, and is answered by its own handler", async ({ name, member }) => {
    called.length = 0;
    const method = (client as unknown as Readonly<Record<string, Method>>)[member];
    expect(await method?.({ said: "x" })).toMatchObject({ said: `${name} x` });
    expect(called).toEqual([name]);
  });

  it("lets a client and a servicer come out of an async function", async () => {
    called.length = 0;
    expect(await (async () => client)()).toBe(client);
    const servicer = { then$: async () => ({}) };
    expect(await (async () => servicer)()).toBe(servicer);
    expect(called).toEqual([]);
    expect(Object.getPrototypeOf(client)).toBe(NamesClient.prototype);
  });

  it.each(members)("$name is missed in a servicer that lacks it", ({ member }) => {
    const rest = Object.fromEntries(
      members.filter((other) => other.member !== member).map(({ member }) => [member, () => {}]),
    );
    expect(() => bindNames(rest as unknown as NamesServicer)).toThrow(
      `the servicer needs the method ${member}, and it isn't there`,
    );
  });
});
