import { defineConfig } from 'vitest/config';

/** Decorator metadata is emitted by Vite itself, from tsconfig.json. */
export default defineConfig({
  test: {
    // two cores: more workers would only make servers and databases wait for each other
    maxWorkers: 2,
    maxConcurrency: 2,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.spec.ts', 'test/cases/*.spec.ts', 'test/docs/*.spec.ts'] },
      },
      {
        extends: true,
        test: { name: 'property', include: ['test/property/**/*.spec.ts'], testTimeout: 300_000 },
      },
      {
        extends: true,
        test: {
          name: 'contract',
          include: ['test/contract/**/*.spec.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.spec.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
});
