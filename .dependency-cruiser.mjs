// The import law of the house: left may import right, never back, no cycles.
//
//   app.module, main → every room          cli → access, config, and what is pure of policy and publishing
//   publishing → evaluation → policy, consent → decision
//   store → the ports of the rooms (x.store.ts), the chain that the log is, its tokens, and decision
//   every room but decision → id, time, text, json: how what comes in is read
//   http → errors     access → errors, secure-url, and what a policy says     decision → nothing but itself and @casl/ability

/** What every room may use to read what comes in. The core is pure: it is given what was read. */
const READING = '^src/(id|time|text|json)\\.ts$';

const ROOMS = ['policy', 'consent', 'evaluation', 'publishing', 'access', 'http', 'store', 'cli', 'decision'];

/** What each room may import of ours, besides itself. */
const MAY_IMPORT = {
  decision: [],
  policy: ['^src/decision/', '^src/errors', READING],
  consent: [
    '^src/decision/',
    '^src/policy/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    '^src/alarm',
    READING,
  ],
  evaluation: [
    '^src/decision/',
    '^src/policy/',
    '^src/consent/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    READING,
  ],
  publishing: [
    '^src/decision/',
    '^src/policy/',
    '^src/consent/',
    '^src/evaluation/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    '^src/alarm',
    READING,
  ],
  access: ['^src/decision/policy\\.ts$', '^src/errors', READING, '^src/secure-url'],
  http: ['^src/errors', READING],
  store: [
    '^src/errors',
    '^src/decision/',
    '^src/[^/]+/[^/]+\\.store\\.ts$',
    '^src/consent/(chain|consistency-token|verification)\\.ts$',
    READING,
  ],
  cli: [
    READING,
    '^src/access/',
    '^src/config',
    '^src/secure-url',
    '^src/decision/',
    '^src/policy/policy-[a-z]+\\.ts$',
    '^src/policy/(content-id|slices|wording)',
    '^src/publishing/difference\\.view',
    '^src/consent/receipt-(verification|keys\\.store)',
    '^src/consent/import-(row|lines|refusals)',
    '^src/consent/row-columns',
  ],
};

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['^src/main', '^src/cli/', '\\.d\\.ts$'] },
      to: {},
    },
    ...ROOMS.map((room) => ({
      name: `${room}-imports-only-what-it-may`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/', pathNot: [`^src/${room}/`, ...MAY_IMPORT[room]] },
    })),
    {
      name: 'the-decision-core-is-pure',
      comment: 'no Nest, no Prisma, no Node, no I/O',
      severity: 'error',
      from: { path: '^src/decision/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^src/decision/', 'node_modules/@casl/ability/'] },
    },
    {
      name: 'services-know-neither-dtos-nor-prisma',
      severity: 'error',
      from: { path: '\\.(service|store)\\.ts$|^src/consent/consent-log\\.ts$', pathNot: '^src/store/' },
      to: { path: ['\\.dto\\.ts$', '^src/store/', 'node_modules/@prisma/'] },
    },
    {
      name: 'only-the-store-knows-the-database',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/store/', '^src/app\\.module\\.ts$', '\\.spec\\.ts$'] },
      to: { path: ['^src/store/', 'node_modules/(@prisma|@electric-sql|pg|pglite-prisma-adapter)/'] },
    },
    {
      name: 'the-product-does-not-know-its-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: ['^test/', 'node_modules/(vitest|fast-check)/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/store/generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
