import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../free-port.js";
import { type GuideProject, guideProject } from "./guide-project.js";

// docs/http-front.md: both fronts, before the quickstart's server.

let project: GuideProject;
const running: ChildProcess[] = [];

beforeAll(async () => {
  project = await guideProject(["http-front.md"], ["fastify@5", "express@5", "@types/express@5"]);
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill("SIGKILL");
  }
});
afterAll(() => project?.remove());

/** Starts a program of the guide, and waits until it says that it listens. */
async function start(program: string, env: NodeJS.ProcessEnv, listening: RegExp): Promise<ChildProcess> {
  const child = spawn(process.execPath, [`dist/${program}.js`], { cwd: project.path, env: { ...process.env, ...env } });
  running.push(child);
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const heard = (text: Buffer) => {
      output += String(text);
      if (listening.test(output)) {
        resolve();
      }
    };
    child.stdout.on("data", heard);
    child.stderr.on("data", heard);
    child.once("close", () => reject(new Error(`${program} ended: ${output}`)));
  });
  return child;
}

describe.each(["fastify", "express"])("%s", (front) => {
  test("answers in JSON, tells declared errors as problems, and nothing of what is inside", async () => {
    const [target, port] = [`127.0.0.1:${await freePort()}`, await freePort()];
    const server = await start("server", { ADDRESS: target }, /server\.started|listening|started/i);
    const app = await start("front", { TARGET: target, PORT: String(port), FRONT: front }, /listening/);
    const get = async (name: string, headers = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}/greetings/${name}`, { headers });
      const type = response.headers.get("content-type")?.replace(/;.*/, "");
      return { status: response.status, type, body: (await response.json()) as object };
    };
    expect(await get("Ada")).toEqual({
      status: 200,
      type: "application/json",
      body: { greeting: "Good morning, Ada." },
    });
    expect(await get("Bob")).toEqual({
      status: 404,
      type: "application/problem+json",
      body: {
        type: "about:blank",
        title: "Name unknown",
        status: 404,
        detail: "Nobody here is called Bob",
        instance: "/greetings/Bob",
        code: "NAME_UNKNOWN",
        metadata: { name: "Bob" },
      },
    });
    expect(await get("Ada", { "request-timeout": "0.000001" })).toMatchObject({ status: 504 });

    server.kill("SIGKILL");
    await once(server, "close");
    // It fails at once, or by its deadline. Either way nobody learns what was dialled.
    const { status, body } = await get("Ada");
    expect([503, 504]).toContain(status);
    expect(Object.keys(body).sort()).toEqual(["code", "instance", "status", "title", "type"]);
    expect(JSON.stringify(body)).not.toContain("127.0.0.1");

    app.kill("SIGTERM");
    expect((await once(app, "close"))[0]).toBe(0);
  });
});
