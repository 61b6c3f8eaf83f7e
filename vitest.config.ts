import { defineConfig } from "vitest/config";

/** What is in dist/: tried as a user gets it, so it needs a build, and for the package an installation. */
const BUILT = ["test/package/**/*.test.ts", "test/examples/**/*.test.ts"];

export default defineConfig({
  test: {
    restoreMocks: true,
    // Forked workers: a handle left open or a crash is seen, and heap snapshots of one file do not mix with another's.
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "source",
          include: ["test/**/*.test.ts"],
          exclude: [...BUILT, "test/bench/**", "test/peers/**", "test/browser/**", "**/node_modules/**"],
          // What a test that waits for ever takes; on a busy machine the others take many times what they do alone.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        extends: true,
        test: {
          name: "examples",
          include: ["test/examples/**/*.test.ts"],
          testTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          exclude: ["**/node_modules/**"],
          globalSetup: ["test/package/installed.ts"],
          testTimeout: 180_000,
        },
      },
    ],
  },
});
