import { answerQuestions } from "./child.js";
import type { ServerModule, SubjectName } from "./subject.js";

answerQuestions(async (question) => {
  if (question.kind !== "start") {
    throw new Error(`A server isn't asked for "${question.kind}"`);
  }
  const { startServer } = await moduleOf(question.subject);
  return { port: (await startServer(question.subject)).port };
});

// Each process loads what it measures, and nothing else.
function moduleOf(subject: SubjectName): Promise<ServerModule> {
  if (subject.startsWith("accord")) {
    return import("./subjects/accord-server.js");
  }
  if (subject.startsWith("nice-grpc")) {
    return import("./subjects/nice-grpc-server.js");
  }
  switch (subject) {
    case "http2":
      return import("./subjects/http2-server.js");
    case "grpc-js":
      return import("./subjects/grpc-js-server.js");
    case "connect-node":
      return import("./subjects/connect-node-server.js");
    default:
      throw new Error(`${subject} doesn't run on Node`);
  }
}
