import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/bench/**", "test/peers/**", "node_modules/**"],
    testTimeout: 15_000,
    hookTimeout: 15_000,
    restoreMocks: true,
    // Forked workers: a handle left open or a crash is seen, and heap snapshots of one file do not mix with another's.
    pool: "forks",
  },
});
