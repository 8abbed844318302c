import { credentials } from "@grpc/grpc-js";
import { buildGreetingV1Channel } from "./gen/greeting/v1/channel.js";
import { NameUnknownError } from "./gen/greeting/v1/errors.js";
import { GreetingServiceClient } from "./gen/greeting/v1/greeting_client.js";

const channel = buildGreetingV1Channel(process.env.TARGET ?? "localhost:50051", {
  credentials: credentials.createInsecure(),
});
const client = new GreetingServiceClient(channel);

const { greeting } = await client.greet({ name: "Ada" });
console.log(greeting);

try {
  await client.greet({ name: "Bob" }, { timeoutMs: 500 });
} catch (error) {
  if (error instanceof NameUnknownError) {
    console.log(`${error.code}: ${error.message} (${error.metadata.name})`);
  }
}
channel.close();
