import { expect, test } from "vitest";
import { setStreamWindow } from "./stream-window.js";

const KIB = 1024;
const MIB = 1024 * KIB;

test.each([
  [64 * KIB, 4 * MIB, "as much as at first"],
  [256 * KIB, 4 * MIB, "as much as at first"],
  [MIB, 8 * MIB, "enough for eight"],
  [2 * MIB, 16 * MIB, "enough for eight"],
  [8 * MIB, 16 * MIB, "and no more than 16 MiB"],
])("streams of %i bytes have a connection of %i: %s", (bytes, connectionBytes) => {
  const said: object[] = [];
  const session = {
    destroyed: false,
    pendingSettingsAck: false,
    setLocalWindowSize: (size: number) => void said.push({ connection: size }),
    settings: (settings: object) => void said.push(settings),
  };
  expect(setStreamWindow(session, bytes)).toBe(true);
  // Node doesn't flush the connection's by itself.
  expect(said).toEqual([{ connection: connectionBytes }, { initialWindowSize: bytes }]);
});
