import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { headingSlug } from "../pages/page.mjs";

const site = join(dirname(fileURLToPath(import.meta.url)), "..");
const sidebar = JSON.parse(readFileSync(join(site, "build/sidebar.json"), "utf8"));

export default defineConfig({
  title: "Accord",
  description: "The .proto file is the whole contract of a gRPC service on Node.",
  lang: "en",
  // GitHub's pages of a project have its name before every path.
  base: process.env.SITE_BASE ?? "/",
  srcDir: "build/pages",
  outDir: "build/site",
  cacheDir: "build/cache",
  cleanUrls: false,
  metaChunk: true,
  markdown: {
    anchor: { slugify: headingSlug },
    // `{key}` is text in these pages.
    attrs: { disable: true },
    languageAlias: { caddyfile: "nginx", haproxy: "nginx", console: "shellsession" },
    toc: { slugify: headingSlug },
  },
  themeConfig: {
    nav: [
      { text: "Quickstart", link: "/quickstart" },
      { text: "Language", link: "/language" },
      { text: "Rules", link: "/rules" },
      { text: "API", link: "/api/" },
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: "https://github.com/accord-grpc/accord" }],
  },
});
