import { answerQuestions } from "./child.js";
import { load, warmUp } from "./load.js";
import { SCENARIOS, type Scenario } from "./scenario.js";
import type { BenchClient, ClientModule, SubjectName } from "./subject.js";

let client: BenchClient | undefined;

answerQuestions(async (question) => {
  if (question.kind === "start") {
    const { openClient } = await moduleOf(question.subject);
    client = openClient(`127.0.0.1:${question.port}`, question.subject);
    return {};
  }
  if (client === undefined) {
    throw new Error("The client isn't open");
  }
  if (question.kind === "warmUp") {
    await warmUp(client, scenarioOf(question.scenario), question.calls);
    return {};
  }
  if (question.kind === "load") {
    return { load: await load(client, scenarioOf(question.scenario), question.seconds) };
  }
  throw new Error(`A client isn't asked for "${question.kind}"`);
});

function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS.find((known) => known.name === name);
  if (scenario === undefined) {
    throw new Error(`There is no scenario "${name}"`);
  }
  return scenario;
}

function moduleOf(subject: SubjectName): Promise<ClientModule> {
  if (subject.startsWith("accord")) {
    return import("./subjects/accord-client.js");
  }
  if (subject.startsWith("nice-grpc")) {
    return import("./subjects/nice-grpc-client.js");
  }
  switch (subject) {
    case "http2":
      return import("./subjects/http2-client.js");
    case "grpc-js":
      return import("./subjects/grpc-js-client.js");
    case "connect-node":
      return import("./subjects/connect-node-client.js");
    default:
      throw new Error(`${subject} doesn't run on Node`);
  }
}
