import { defineConfig } from "vitest/config";

/** Tests of what is in dist/: they need a build, install packages and start processes. */
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
          exclude: [...BUILT, "test/bench/**", "test/peers/**", "**/node_modules/**"],
          testTimeout: 15_000,
          hookTimeout: 15_000,
        },
      },
      {
        extends: true,
        test: {
          name: "built",
          include: BUILT,
          exclude: ["**/node_modules/**"],
          testTimeout: 60_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
