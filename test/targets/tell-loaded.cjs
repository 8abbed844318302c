// Loaded into a process with `node --require`: tells on stderr, when the process ends, which modules it has loaded.
"use strict";

process.on("exit", () => {
  const modules = Object.keys(require.cache).filter((path) => path !== __filename);
  process.stderr.write(JSON.stringify(modules));
});
