import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const notTests = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
    // A test without an assertion cannot fail.
    expect: { requireAssertions: true },
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,apps,examples,bench,tools}/**/*.test.ts'],
          exclude: notTests,
          maxWorkers: Math.min(4, availableParallelism()),
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: notTests,
          // Each file runs a server and a browser.
          maxWorkers: Math.min(2, availableParallelism()),
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
