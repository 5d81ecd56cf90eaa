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

export default defineConfig(({ mode }) => {
  const mock = mode === "mock";
  const house = process.env.TULOU_URL ?? "http://127.0.0.1:8080";
  const outDir = resolve(import.meta.dirname, mock ? "dist" : "../src/tulou/console/dist");
  return {
    plugins: [react(), ...(mock ? [] : [compressed(outDir)])],
    resolve: { alias: { "~": resolve(import.meta.dirname, "src") } },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 1600,
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
