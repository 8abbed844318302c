import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { Dice } from "./dice.js";
import { answer } from "./peer.js";
import { makeScript } from "./script.js";

it("a peer of a client that has gone already is done", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await once(server, "connection")) as [Socket];
  socket.on("error", () => {});
  client.destroy();
  socket.destroy();
  await once(socket, "close");

  const dice = new Dice(1);
  await answer(socket, makeScript("client", dice), dice);

  expect(socket.destroyed).toBe(true);
  server.close();
});
