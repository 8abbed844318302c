import type { DescMessage, Message, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type {
  BidiStreamingMethod,
  CallOptions,
  ClientStreamingMethod,
  ServerStreamingMethod,
  UnaryMethod,
} from "../../client/client-method.js";
import { Status, type StatusName } from "../../contract/status.js";
import type { ContractError } from "../../errors/contract-error.js";
import type { Answer, Rule, Step } from "./answer.js";
import type { MockedMethodContract } from "./contract.js";
import type { ContractMock } from "./contract-mock.js";
import { hint } from "./directive.js";
import { FAULT_NAMES, type FaultName, faultNamed } from "./fault.js";
import type { MockCall } from "./mock-call.js";
import { matcherOfInit } from "./request-matcher.js";

/** What a method may be answered, with the types of its contract. All of it can be said before a call, or between two. */
export interface MockedAnswers<I extends DescMessage, Answered, E extends ContractError> {
  /** Answers with this: of a stream, with all of these messages. A function is given the request, the first one of a stream. */
  returns(answer: Answered | ((request: MessageShape<I>) => Answered)): void;
  /**
   * Fails with an error that the method declares, as its servicer would. Metadata that isn't given is the request's field of that name,
   * else made up.
   */
  raises<Code extends E["code"]>(code: Code, metadata?: Partial<MetadataOf<E, Code>>): void;
  /** Fails with a bare status, as no servicer would: a proxy, say. */
  fails(status: Exclude<StatusName, "OK">, message?: string): void;
  /** Answers so many milliseconds later, whatever it answers. */
  delays(ms: number): void;
  /** Meets a fault. */
  meets(fault: FaultName): void;
}

/** A method of a mock: what it answers, and which calls it got. What is said last goes before what was said earlier. */
export interface MockedMethod<I extends DescMessage, O extends DescMessage, Answered, E extends ContractError>
  extends MockedAnswers<I, Answered, E> {
  /** For calls whose request, the first one of a stream, has these fields; and whose metadata has these values. */
  when(request: MessageInitShape<I>, metadata?: Readonly<Record<string, string>>): MockedAnswers<I, Answered, E>;
  /** For the next call alone. */
  readonly once: MockedAnswers<I, Answered, E>;
  /** For the nth call from now on, the first being 1. */
  nth(call: number): MockedAnswers<I, Answered, E>;
  /** The calls so far. */
  readonly calls: readonly MockedMethodCall<I, O>[];
  /** Forgets what was said, and lets the scenario and the contract answer. */
  reset(): void;
}

/** A call of a mocked method. */
export interface MockedMethodCall<I extends DescMessage, O extends DescMessage> extends MockCall {
  /** The first of {@link requests}, and the only one of methods that take one. */
  readonly request: MessageShape<I>;
  readonly requests: readonly MessageShape<I>[];
  readonly responses: readonly MessageShape<O>[];
}

type MetadataOf<E extends ContractError, Code> = E extends ContractError
  ? Code extends E["code"]
    ? E["metadata"]
    : never
  : never;

/** The mocked methods of a client, by their names. */
export type MockedMethods<Client> = {
  readonly [Name in keyof Client as Client[Name] extends (...args: never[]) => unknown ? Name : never]: MockedOf<
    Client[Name]
  >;
};

type MockedOf<Method> =
  Method extends UnaryMethod<infer I, infer O, infer E, infer _ extends keyof CallOptions>
    ? MockedMethod<I, O, MessageInitShape<O>, E>
    : Method extends ClientStreamingMethod<infer I, infer O, infer E, infer _ extends keyof CallOptions>
      ? MockedMethod<I, O, MessageInitShape<O>, E>
      : Method extends ServerStreamingMethod<infer I, infer O, infer E, infer _ extends keyof CallOptions>
        ? MockedMethod<I, O, readonly MessageInitShape<O>[], E>
        : Method extends BidiStreamingMethod<infer I, infer O, infer E, infer _ extends keyof CallOptions>
          ? MockedMethod<I, O, readonly MessageInitShape<O>[], E>
          : never;

/** A method as the mock has it, without its types. */
export type AnyMockedMethod = MockedMethod<DescMessage, DescMessage, object | readonly object[], ContractError>;

/** Makes what a test says to a method. */
export function mockedMethod(mock: ContractMock, method: MockedMethodContract): AnyMockedMethod {
  const answers = (whom: Omit<Rule, "steps">) =>
    answersOf(method, (step) => void mock.add({ ...whom, method, steps: [step] }));
  return {
    ...answers({}),
    when: (request, metadata) =>
      answers({ request: matcherOfInit(method.desc.input, request), ...(metadata && { metadata }) }),
    get once() {
      return answers({ times: 1 });
    },
    nth: (call) => {
      if (!Number.isInteger(call) || call < 1) {
        throw new RangeError(`The nth call is counted from 1: nth(${String(call)}) is none`);
      }
      return answers({ call });
    },
    get calls() {
      return mock.calls.filter(({ method: desc }) => desc === method.desc).map(asMethodCall);
    },
    reset: () => mock.removeAdded(method),
  };
}

function asMethodCall(call: MockCall): MockedMethodCall<DescMessage, DescMessage> {
  // The register goes on writing to the call that it has, so this one looks at it rather than copying it.
  return Object.create(call, {
    request: { get: () => call.requests[0], enumerable: true },
  }) as MockedMethodCall<DescMessage, DescMessage>;
}

function answersOf(
  method: MockedMethodContract,
  add: (step: Step) => void,
): MockedAnswers<DescMessage, object | readonly object[], ContractError> {
  const answer = (given: Answer): void => add({ answer: given });
  return {
    returns: (given) => answer({ kind: "responses", make: makerOf(method, given) }),
    raises: (code, metadata = {}) => {
      const known = [...method.errors.keys()];
      if (!known.includes(code)) {
        throw new TypeError(`${method.path} declares no error ${code}.${hint(code, known)}`);
      }
      answer({ kind: "error", code, metadata: metadata as Readonly<Record<string, string>> });
    },
    fails: (status, message = status) => {
      const code = Object.hasOwn(Status, status) ? Status[status] : undefined;
      if (!code) {
        throw new TypeError(`${status} is no status that an error has`);
      }
      answer({ kind: "status", status: code, message });
    },
    delays: (ms) => {
      if (!(ms >= 0)) {
        throw new RangeError(`A delay is a number of milliseconds; it is ${String(ms)}`);
      }
      add({ delayMs: ms });
    },
    meets: (fault) => {
      if (!FAULT_NAMES.includes(fault)) {
        throw new TypeError(`There is no fault ${fault}.${hint(fault, FAULT_NAMES)}`);
      }
      answer({ kind: "fault", fault: faultNamed(fault) });
    },
  };
}

type Given = object | readonly object[] | ((request: Message) => object | readonly object[]);

function makerOf({ desc }: MockedMethodContract, given: Given): (request: Message) => readonly Message[] {
  const streams = desc.methodKind === "server_streaming" || desc.methodKind === "bidi_streaming";
  const messages = (answer: object | readonly object[]): Message[] => {
    if (streams && !Array.isArray(answer)) {
      throw new TypeError(`${desc.parent.typeName}/${desc.name} answers with a stream: returns([{ … }, { … }])`);
    }
    return (streams ? (answer as readonly object[]) : [answer]).map((init) => create(desc.output, init as never));
  };
  if (typeof given === "function") {
    return (request) => messages(given(request));
  }
  const made = messages(given);
  return () => made;
}
