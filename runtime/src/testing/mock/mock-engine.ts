import { create, type Message, toBinary } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import { StatusError } from "../../errors/status-error.js";
import { Status } from "../../wire/status.js";
import type { Answer, Rule } from "./answer.js";
import type { MockedMethodContract } from "./contract.js";
import { declaredError } from "./declared-error.js";
import { DIRECTIVE_KEY, DirectiveError, readDirective } from "./directive.js";
import { delayOf, type Fault } from "./fault.js";
import type { FaultPlan } from "./fault-plan.js";
import type { AnswerSource } from "./mock-call.js";
import { plausibleMessage } from "./plausible-message.js";
import { type Random, randomOf } from "./random.js";
import { ReplayedAnswers } from "./replayed-answers.js";
import type { RuleBook } from "./rule-book.js";

/** How many messages a stream has where nobody says. */
const STREAMED_MESSAGES = 3;

/** What decides how calls are answered. */
export interface EngineParts {
  readonly seed: number;
  readonly rules: RuleBook;
  readonly faults: FaultPlan;
  /** Rules that a test or a person has set, rather than the scenario. */
  readonly isOwn: (rule: Rule) => boolean;
}

/** How a call is answered: with messages, or with what it fails with; when; and what is done to it meanwhile. */
export interface DecidedAnswer {
  readonly source: AnswerSource;
  readonly responses: readonly Message[];
  readonly failure?: Error;
  readonly delayMs: number;
  readonly fault?: Fault;
}

type Outcome = Pick<DecidedAnswer, "responses" | "failure">;

/** Decides how calls are answered: by rules, by what the caller asks for, else by what looks right. It knows nothing of the wire. */
export class MockEngine {
  readonly #parts: EngineParts;
  readonly #random: Random;
  readonly #replayed = new ReplayedAnswers();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#random = randomOf(parts.seed, "engine");
  }

  /** Decides how a call is answered. @param request its first one, or an empty one where there was none */
  decide(method: MockedMethodContract, request: Message, metadata: Metadata): DecidedAnswer {
    const planned = this.#parts.faults.next(method);
    const refused = this.#refusal(method, planned, request);
    if (refused !== undefined) {
      return refused;
    }
    const key = keyOf(request, method.idempotencyKey);
    const replayed = key === undefined ? undefined : this.#replayed.get(method.path, key);
    if (replayed !== undefined) {
      return this.#timed({ source: "replay", responses: replayed, delayMs: 0 }, planned);
    }
    const { answer, source, delayMs } = this.#said(method, request, metadata);
    const fault = answer?.kind === "fault" ? answer.fault : planned;
    const refusedByRule = answer?.kind === "fault" ? this.#refusal(method, answer.fault, request) : undefined;
    if (refusedByRule !== undefined) {
      return { ...refusedByRule, delayMs };
    }
    const outcome = this.#outcome(method, answer, request);
    if (key !== undefined && outcome.failure === undefined) {
      this.#replayed.keep(method.path, key, outcome.responses);
    }
    return this.#timed({ source, ...outcome, delayMs }, fault);
  }

  /** What is said of a call, in this order: by rules, by its metadata, by nobody. */
  #said(
    method: MockedMethodContract,
    request: Message,
    metadata: Metadata,
  ): { readonly answer: Answer | undefined; readonly source: AnswerSource; readonly delayMs: number } {
    const { rule, answer, delayMs = 0 } = this.#parts.rules.consult({ method, request, metadata });
    if (answer !== undefined) {
      return { answer, delayMs, source: rule !== undefined && this.#parts.isOwn(rule) ? "test" : "scenario" };
    }
    const texts = metadata.get(DIRECTIVE_KEY).map(String);
    if (texts.length === 0) {
      return { answer, delayMs, source: "default" };
    }
    try {
      const step = readDirective(texts.join(" "), method);
      return { answer: step.answer, delayMs: delayMs + (step.delayMs ?? 0), source: "metadata" };
    } catch (error) {
      if (!(error instanceof DirectiveError)) {
        throw error;
      }
      return {
        answer: { kind: "status", status: Status.INVALID_ARGUMENT, message: error.message },
        delayMs,
        source: "metadata",
      };
    }
  }

  /** How a fault ends a call before any work; `undefined`: it doesn't. */
  #refusal(method: MockedMethodContract, fault: Fault | undefined, request: Message): DecidedAnswer | undefined {
    const failure = fault && this.#failureBeforeWork(method, fault, request);
    return failure && fault && { source: "fault", responses: [], failure, delayMs: 0, fault };
  }

  #failureBeforeWork(method: MockedMethodContract, { name }: Fault, request: Message): Error | undefined {
    if (name === "unavailable") {
      return new StatusError(Status.UNAVAILABLE, "The mock is unavailable, before any work");
    }
    const entries = [...method.errors.values()];
    const among =
      name === "resource_exhausted" ? entries.filter(({ status }) => status === Status.RESOURCE_EXHAUSTED) : entries;
    const entry =
      name === "resource_exhausted" || name === "error" ? among[this.#random.between(0, among.length - 1)] : undefined;
    if (entry !== undefined) {
      return declaredError(method, entry, { metadata: {} }, request, this.#random);
    }
    return name === "resource_exhausted"
      ? new StatusError(Status.RESOURCE_EXHAUSTED, "The mock has no more, before any work")
      : undefined;
  }

  #outcome(method: MockedMethodContract, answer: Answer | undefined, request: Message): Outcome {
    const entry = answer?.kind === "error" ? method.errors.get(answer.code) : undefined;
    if (answer?.kind === "error" && entry !== undefined) {
      return { responses: [], failure: declaredError(method, entry, answer, request, this.#seeded(method, request)) };
    }
    if (answer?.kind === "status") {
      return { responses: [], failure: new StatusError(answer.status, answer.message) };
    }
    return { responses: answer?.kind === "responses" ? answer.make(request) : this.#made(method, request) };
  }

  #made(method: MockedMethodContract, request: Message): readonly Message[] {
    const count = method.desc.methodKind === "server_streaming" ? STREAMED_MESSAGES : 1;
    return Array.from({ length: count }, (_, index) => this.make(method, request, index));
  }

  /** A message that answers a request. @param index its place in the answer, where that is a stream */
  make(method: MockedMethodContract, request: Message, index = 0): Message {
    const { input, output } = method.desc;
    const random = this.#seeded(method, request, index);
    return plausibleMessage(output, { random, request: { desc: input, message: request }, index });
  }

  /** The same request is answered alike, whenever it comes. Its key doesn't count: clients make a new one for each call. */
  #seeded({ path, desc, idempotencyKey }: MockedMethodContract, request: Message, index = 0): Random {
    const { $typeName, $unknown, ...fields } = request;
    const asked =
      idempotencyKey === undefined ? request : create(desc.input, { ...fields, [idempotencyKey]: "" } as never);
    return randomOf(this.#parts.seed, path, toBinary(desc.input, asked), index);
  }

  #timed(answer: DecidedAnswer, fault: Fault | undefined): DecidedAnswer {
    if (fault === undefined) {
      return answer;
    }
    const slowMs = fault.name === "slow" ? delayOf(fault.delay, this.#random.next(), this.#random.next()) : 0;
    return { ...answer, fault, delayMs: answer.delayMs + slowMs };
  }
}

function keyOf(request: Message, field: string | undefined): string | undefined {
  const key = field === undefined ? undefined : (request as unknown as Readonly<Record<string, unknown>>)[field];
  return typeof key === "string" && key !== "" ? key : undefined;
}
