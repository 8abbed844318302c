import { compare } from "../paired/compare.js";
import { ledgerCaller } from "../paired/ledger-caller.js";

const { text } = await compare({
  server: new URL("server.mjs", import.meta.url),
  subjects: ["off", "on", "off again"],
  open: ledgerCaller,
});
process.stdout.write(`A small unary call by gRPC, where \`http\` is …\n${text}\n`);
