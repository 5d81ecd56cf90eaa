/** How the console is built, tested, and served while one works on it. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const WORTH_COMPRESSING = /\.(js|css|html|svg|json|md)$/;
const SMALLEST_COMPRESSED = 1024;

/** Lay a `.gz` beside each text file, so that the house never compresses while it serves. */
function compressed(folder: string): Plugin {
  return {
    name: "tulou-compressed",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const path = join(folder, name);
        if (WORTH_COMPRESSING.test(name) && statSync(path).size >= SMALLEST_COMPRESSED) {
          writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        }
      }
    },
  };
}

/** What each page may weigh when it is first opened: its scripts and styles, compressed, in bytes. */
const BUDGETS: Readonly<Record<string, number>> = { "index.html": 160_000, "docs/index.html": 30_000 };

/** Fail the build of a page that has grown beyond its budget. */
function budgeted(budgets: Readonly<Record<string, number>>): Plugin {
  return {
    name: "tulou-budgets",
    apply: "build",
    generateBundle(_, bundle) {
      const weigh = (name: string, seen: Set<string>): number => {
        const file = bundle[name];
        if (file === undefined || seen.has(name)) return 0;
        seen.add(name);
        if (file.type === "asset") return gzipSync(file.source).length;
        const others = [...file.imports, ...(file.viteMetadata?.importedCss ?? [])];
        return gzipSync(file.code).length + others.reduce((sum, other) => sum + weigh(other, seen), 0);
      };
      for (const [page, most] of Object.entries(budgets)) {
        const entry = Object.values(bundle).find(
          (file) => file.type === "chunk" && file.facadeModuleId === resolve(import.meta.dirname, page),
        );
        if (entry === undefined) this.error(`${page} has no script`);
        const weight = weigh(entry.fileName, new Set());
        if (weight > most) this.error(`${page} weighs ${weight} bytes compressed; it may weigh ${most}`);
        this.info(`${page} weighs ${weight} of ${most} bytes compressed`);
      }
    },
  };
}

export default defineConfig(({ mode }) => {
  const mock = mode === "mock";
  const house = process.env.TULOU_URL ?? "http://127.0.0.1:8080";
  const outDir = resolve(import.meta.dirname, mock ? "dist" : "../src/tulou/console/dist");
  return {
    plugins: [react(), budgeted(BUDGETS), ...(mock ? [] : [compressed(outDir)])],
    resolve: { alias: { "~": resolve(import.meta.dirname, "src") } },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 300,
      license: { fileName: "licenses.md" },
      rollupOptions: {
        input: [resolve(import.meta.dirname, "index.html"), resolve(import.meta.dirname, "docs/index.html")],
      },
    },
    server: {
      proxy: mock ? {} : Object.fromEntries(["/api", "/v1", "/openapi.json"].map((path) => [path, house])),
    },
    test: {
      environment: "jsdom",
      environmentOptions: { jsdom: { url: "http://house.test/" } },
      setupFiles: ["src/mocks/setup.ts"],
      restoreMocks: true,
      // Two thirds of the time went into a new browser and new modules for each file; the setup cleans up behind each test.
      isolate: false,
      testTimeout: 90_000,
      css: { modules: { classNameStrategy: "non-scoped" } },
    },
  };
});
