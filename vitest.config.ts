import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** The specs of the long run: its own, and those that try something more often in it, see `test/times.ts`. */
function longSpecsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.spec.ts'))
    .filter((file) => file.endsWith(LONG) || /\b(times|arbitraries)\.js/.test(readFileSync(file, 'utf8')));
}

/** Ends the name of a spec that waits for clocks, fills memory, or starts or kills many processes: for the long run alone. */
const LONG = '.long.spec.ts';

/** Specs that take minutes in the long run, the longest first: begun last, one of them would keep a core waiting. */
const TAKES_MINUTES = [
  /property\/(fleet|table|floor)/,
  /crash|storm|publishing-load|consent-life|difference/,
];

class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]): ReturnType<BaseSequencer['sort']> {
    const sorted = await super.sort(files);
    const first = TAKES_MINUTES.map((long) => sorted.filter(({ moduleId }) => long.test(moduleId)));
    return [...new Set([...first.flat(), ...sorted])];
  }
}

/** Decorator metadata is emitted by Vite itself, from tsconfig.json. */
export default defineConfig(({ mode }) => {
  const isLong = mode === 'long';
  // given to each project: what a project extends is read anew, without the mode
  const run = {
    exclude: isLong ? [] : [`**/*${LONG}`],
    env: { TEST_RUN: isLong ? 'long' : 'short' },
    tags: [{ name: 'once', ...(isLong ? { skip: true } : {}) }],
  };
  // loading the modules anew for each spec took a third of the time of those that start no process
  const shared = {
    ...run,
    isolate: false,
    // of a test that hangs: whatever ends by itself is waited for, however slow the machine
    testTimeout: isLong ? 1_200_000 : 300_000,
    hookTimeout: 300_000,
  };
  return {
    test: {
      // for two cores: while one spec waits for a clock or a disk, two others run. Those of the long run measure by clocks
      maxWorkers: isLong ? 2 : 3,
      maxConcurrency: 2,
      ...(isLong ? { sequence: { sequencer: LongestFirst } } : {}),
      // what is waited for comes when the machine has time for it; only a test that fails waits so long
      expect: { poll: { timeout: 180_000 } },
      setupFiles: [fileURLToPath(new URL('test/drawn.ts', import.meta.url))],
      projects: [
        {
          extends: true,
          test: {
            ...shared,
            name: 'unit',
            include: isLong
              ? ['src', 'client/src', 'test/cases', 'test/docs'].flatMap(longSpecsOf)
              : ['{src,client/src}/**/*.spec.ts', 'test/cases/*.spec.ts', 'test/docs/*.spec.ts'],
          },
        },
        {
          extends: true,
          test: {
            ...shared,
            name: 'property',
            include: isLong ? longSpecsOf('test/property') : ['test/property/**/*.spec.ts'],
            testTimeout: 1_200_000,
          },
        },
        {
          extends: true,
          test: {
            ...shared,
            name: 'contract',
            include: isLong ? longSpecsOf('test/contract') : ['test/contract/**/*.spec.ts'],
            globalSetup: 'test/prepared-setup.ts',
          },
        },
        {
          extends: true,
          // what the examples import, without a build
          resolve: {
            alias: {
              '@assent/client/nest': fileURLToPath(new URL('client/src/nest/index.ts', import.meta.url)),
              '@assent/client/express': fileURLToPath(new URL('client/src/express.ts', import.meta.url)),
              '@assent/client/fastify': fileURLToPath(new URL('client/src/fastify.ts', import.meta.url)),
              '@assent/client/grants': fileURLToPath(new URL('client/src/grants/index.ts', import.meta.url)),
              '@assent/client/prisma': fileURLToPath(new URL('client/src/prisma/index.ts', import.meta.url)),
              '@assent/client/testing': fileURLToPath(new URL('client/src/in-process.ts', import.meta.url)),
              '@assent/client': fileURLToPath(new URL('client/src/index.ts', import.meta.url)),
            },
          },
          test: {
            ...shared,
            name: 'client',
            include: isLong ? longSpecsOf('client/test') : ['client/test/**/*.spec.ts'],
            globalSetup: ['test/prepared-setup.ts', 'client/test/service-setup.ts'],
          },
        },
        ...(['settings', 'console', 'e2e'] as const).map((name) => {
          const folder = name === 'e2e' ? 'test/e2e' : name;
          return {
            extends: true as const,
            test: {
              ...shared,
              name,
              include: isLong
                ? longSpecsOf(folder)
                : [`${name === 'e2e' ? folder : `${name}/{src,test}`}/**/*.spec.ts`],
              globalSetup: [
                'test/prepared-setup.ts',
                'test/e2e/contract-setup.ts',
                ...(name === 'settings' ? ['settings/test/service-setup.ts'] : []),
              ],
            },
          };
        }),
      ],
    },
  };
});
