import { NameUnknownError } from "./gen/greeting/v1/errors.js";
import { createGreetingV1Server } from "./gen/greeting/v1/server.js";

const server = createGreetingV1Server({
  greeting: {
    async greet({ name }) {
      if (name !== "Ada") {
        throw new NameUnknownError({ name });
      }
      return { greeting: `Good morning, ${name}.` };
    },
  },
});

// SIGTERM drains: health turns NOT_SERVING, calls in flight finish, and the process leaves with 0.
await server.serve(process.env.ADDRESS ?? "127.0.0.1:50051");
