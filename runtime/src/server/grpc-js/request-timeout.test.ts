import { expect, it } from "vitest";
import { readableTimeout } from "./request-timeout.js";

it.each([
  ["5S", "5S"],
  ["0n", "0n"],
  ["99999999m", "99999999m"],
  ["2147483S", "2147483S"],
  ["2147484S", "2147483S"],
  ["99999999H", "2147483S"],
])("%s is read as %s", (sent, read) => {
  expect(readableTimeout(sent)).toBe(read);
});

it.each(["", "soon", "1", "S", "-1S", "+1S", "1.5S", "123456789S", "1S, 2S", "1 S", "0x1S", "1s"])(
  "%j is no timeout",
  (sent) => {
    // What grpc-js looks for.
    expect(readableTimeout(sent)).not.toMatch(/\d{1,8}\s*[HMSmun]/);
  },
);
