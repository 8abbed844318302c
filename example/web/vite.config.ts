import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// `npm run build:web`: the page, for browsers that are at most two years old. Generated code is taken from ../src/gen as it is.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // No public folder, and no path of its own: it is served at the root of its origin.
  publicDir: false,
  logLevel: "warn",
  build: { target: "es2023", outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, reportCompressedSize: false },
  // `npm run dev:web`, for work on the page. A ledger that is to answer it names the origin in LEDGER_WEB_ORIGINS.
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
});
