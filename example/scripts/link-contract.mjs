// Lets buf find the contract language where buf.yaml looks for it: in the node_modules beside it.
//
// Only this repository needs it. It is a workspace, and npm puts a workspace's packages into the root's node_modules,
// which buf doesn't follow outside of its own folder. In a project of yours, buf.yaml stands beside node_modules.
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NAME = "@accord-grpc/protoc-gen-accord";
const example = dirname(dirname(fileURLToPath(import.meta.url)));
const link = join(example, "node_modules", NAME);

if (!existsSync(join(link, "proto"))) {
  const installed = realpathSync(dirname(fileURLToPath(import.meta.resolve(`${NAME}/package.json`))));
  // A link that leads nowhere counts as missing, and is in the way.
  rmSync(link, { recursive: true, force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(installed, link, "junction");
}
