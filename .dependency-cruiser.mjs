// The import law: a room may import what MAY_IMPORT lists, never back, no cycles. Inside a room, a floor may import those
// below it, see FLOORS. docs/architecture.md has a summary.
import { readdirSync } from 'node:fs';

/** Reading input, and running long work in slices. The core is pure and gets what was read. */
const EVERYWHERE = '^src/(id|time|text|json|disk|durable|traces|histogram)\\.ts$|^src/work/';

const ROOMS = [
  'policy',
  'consent',
  'cases',
  'extracts',
  'evaluation',
  'publishing',
  'access',
  'http',
  'store',
  'cli',
  'decision',
  'work',
  'fleet',
  'tlog',
  'record',
  'ledger',
  'export',
  'reports',
  'budgets',
  'discharges',
  'upkeep',
  'sessions',
  'pages',
  'metrics',
  'kms',
];

const lawless = readdirSync(new URL('src', import.meta.url), { withFileTypes: true }).find(
  (entry) => entry.isDirectory() && !ROOMS.includes(entry.name),
);
if (lawless !== undefined)
  throw new Error(`\`src/${lawless.name}\` may import anything: add it to ROOMS and MAY_IMPORT`);

/** What each room may import of our code, besides itself. */
const MAY_IMPORT = {
  work: ['^src/decision/steps', '^src/(errors|time)\\.ts$'],
  fleet: [],
  kms: [EVERYWHERE],
  tlog: ['^src/errors', EVERYWHERE],
  decision: [],
  record: ['^src/decision/reasons', '^src/errors', '^src/sure-clock', '^src/tlog/', EVERYWHERE],
  policy: ['^src/decision/', '^src/errors', EVERYWHERE],
  upkeep: [
    '^src/config',
    '^src/store/',
    '^src/kms/',
    '^src/ledger/',
    '^src/record/',
    '^src/consent/(upkeep/(consent-leaves|failed-verifications\\.store|verification)|receipts/(receipt|head)-keys)\\.ts$',
    '^src/consent/log/erased/erasure-list\\.ts$',
    '^src/tlog/',
    EVERYWHERE,
  ],
  ledger: [
    '^src/record/(record-entry|block/|segment/)',
    '^src/cases/',
    '^src/decision/',
    '^src/policy/',
    '^src/consent/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    EVERYWHERE,
  ],
  consent: [
    '^src/fleet/',
    '^src/tlog/',
    '^src/decision/',
    '^src/policy/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    '^src/alarm',
    '^src/sure-clock',
    EVERYWHERE,
  ],
  export: [
    '^src/consent/',
    '^src/evaluation/withdrawals/',
    '^src/ledger/',
    '^src/reports/attributes/',
    '^src/decision/',
    '^src/policy/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    EVERYWHERE,
  ],
  reports: [
    '^src/decision/',
    '^src/policy/',
    '^src/consent/log/',
    '^src/consent/transfer/import-(lines|refusals)\\.ts$',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    EVERYWHERE,
  ],
  budgets: [
    '^src/decision/(policy|nearest)\\.ts$',
    '^src/policy/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    EVERYWHERE,
  ],
  discharges: [
    '^src/record/(record(ing|-entry)|block/)',
    '^src/evaluation/decision-records\\.ts$',
    '^src/consent/log/consistency-token\\.ts$',
    '^src/decision/lists\\.ts$',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    EVERYWHERE,
  ],
  cases: ['^src/decision/', '^src/policy/', '^src/access/', '^src/http/', '^src/errors', EVERYWHERE],
  extracts: [
    '^src/record/block/',
    '^src/decision/',
    '^src/policy/',
    '^src/consent/log/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    EVERYWHERE,
  ],
  evaluation: [
    '^src/record/record(ing|-entry)',
    '^src/reports/(told|minimum-cohort|once-a-day)\\.ts$',
    '^src/cases/',
    '^src/extracts/',
    '^src/decision/',
    '^src/policy/',
    '^src/consent/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    EVERYWHERE,
  ],
  publishing: [
    '^src/fleet/fleet\\.store',
    '^src/decision/',
    '^src/policy/',
    '^src/consent/',
    '^src/cases/cases\\.ts$',
    '^src/evaluation/',
    '^src/access/',
    '^src/http/',
    '^src/errors',
    '^src/alarm',
    EVERYWHERE,
  ],
  sessions: ['^src/access/', '^src/http/', '^src/errors', '^src/secure-url', EVERYWHERE],
  access: ['^src/decision/(policy|nearest|lists)\\.ts$', '^src/errors', EVERYWHERE, '^src/secure-url'],
  http: ['^src/errors', '^src/decision/(nearest|lists|places)\\.ts$', EVERYWHERE],
  pages: ['^src/http/', '^src/errors', EVERYWHERE],
  // it reads from rooms, and no room knows it
  metrics: [
    '^src/evaluation/(decision-counts|shadow)\\.ts$',
    '^src/fleet/processes\\.store\\.ts$',
    '^src/http/((traffic|refusals|health\\.controller|tls|waiting)\\.ts$|admission/admission\\.ts$)',
    '^src/consent/',
    '^src/record/',
    '^src/policy/',
    '^src/publishing/publisher\\.ts$',
    '^src/access/',
    '^src/errors',
    EVERYWHERE,
  ],
  store: [
    '^src/errors',
    '^src/decision/',
    '^src/.+\\.store\\.ts$',
    '^src/kms/',
    '^src/consent/log/(chain|consistency-token|settlement/event-rules)\\.ts$',
    EVERYWHERE,
  ],
  cli: [
    EVERYWHERE,
    '^src/access/',
    '^src/config',
    '^src/secure-url',
    '^src/decision/',
    '^src/policy/text/',
    '^src/policy/content-id',
    '^src/publishing/(difference\\.view|lineage/lineage\\.(view|text))',
    '^src/consent/receipts/receipt-(verification|keys\\.store)',
    '^src/tlog/',
    '^src/consent/log/chain-leaf\\.ts$',
    '^src/record/(record-entry|block/|segment/|proof/)',
    '^src/upkeep/(rebuild\\.ts$|keys/store-keys\\.ts$|backup/)',
    '^src/consent/transfer/(import-(row|lines|refusals)|row-columns)',
  ],
};

/** The floors of each room, from the lowest: each may import those before it. `.` is the files outside the floors. */
const FLOORS = {
  decision: ['.', 'rules', 'table', 'state', 'comparison'],
  policy: ['text', '.'],
  consent: ['caches', 'log', 'upkeep', 'settings', 'receipts', 'transfer', 'signals', 'rights'],
  evaluation: ['.', 'replay', 'audience', 'permits', 'grants', 'withdrawals'],
  record: ['.', 'block', 'segment', 'proof', 'keeping'],
  ledger: ['reasons', '.', 'answers'],
  publishing: ['review', '.', 'lineage', 'purpose-reviews'],
  access: ['.', 'tokens'],
  tlog: ['tree', 'heads', '.'],
  store: ['generated', 'postgres', 'database', '.', 'keys'],
  upkeep: ['backup', 'keys', 'sealing', '.'],
  cli: ['.', 'consent', 'policy', 'record', 'backup'],
};

/** Floors that may not import these, although they are below. */
const APART = {
  receipts: ['upkeep'],
  transfer: ['upkeep', 'receipts'],
  signals: ['upkeep', 'receipts', 'transfer'],
  rights: ['receipts', 'transfer', 'signals'],
  policy: ['consent'],
  sealing: ['backup', 'keys'],
};

/** The files of a floor, those of floors inside it included. */
function floorOf(room, floor) {
  return floor === '.' ? `^src/${room}/[^/]+$` : `^src/${room}/${floor}/`;
}

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '^src/main',
          '^src/cli/',
          '^src/upkeep/thread',
          '^client/src/cli/assent\\.ts$',
          '\\.d\\.ts$',
        ],
      },
      to: {},
    },
    ...ROOMS.map((room) => ({
      name: `${room}-imports-only-what-it-may`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/', pathNot: [`^src/${room}/`, ...MAY_IMPORT[room]] },
    })),
    ...Object.entries(FLOORS).flatMap(([room, floors]) =>
      floors.map((floor, height) => ({
        name: `${room}-${floor === '.' ? 'root' : floor}-imports-nothing-above-it`,
        severity: 'error',
        from: { path: floorOf(room, floor), pathNot: '\\.spec\\.ts$' },
        to: {
          path: floors
            .filter((other, place) => place > height || (APART[floor] ?? []).includes(other))
            .map((other) => floorOf(room, other))
            .concat('^nothing$'),
        },
      })),
    ),
    {
      name: 'the-decision-core-is-pure',
      comment: 'no Nest, no Prisma, no Node, no I/O',
      severity: 'error',
      from: { path: '^src/decision/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^src/decision/', 'node_modules/@casl/ability/'] },
    },
    {
      name: 'the-client-imports-only-the-decision-core',
      comment:
        'and what an id is, as every room may; no package at all, and only its transport for tests the whole core',
      severity: 'error',
      from: { path: '^client/src/', pathNot: '^client/src/nest/|\\.spec\\.ts$' },
      to: {
        pathNot: ['^client/src/', '^src/(decision/|fleet/machine\\.ts$)', '^src/id\\.ts$'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'only-the-nest-part-of-the-client-knows-nest',
      severity: 'error',
      from: { path: '^client/src/nest/', pathNot: '\\.spec\\.ts$' },
      to: {
        pathNot: ['^client/src/', 'node_modules/(@nestjs/(common|core)|rxjs)/'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'nothing-else-of-the-client-loads-its-nest-part',
      severity: 'error',
      from: { path: '^client/src/', pathNot: '^client/src/nest/|\\.spec\\.ts$' },
      to: { path: '^client/src/nest/' },
    },
    {
      name: 'only-the-transport-for-tests-decides-in-process',
      severity: 'error',
      from: { path: '^client/src/', pathNot: '^client/src/in-process\\.ts$|\\.spec\\.ts$' },
      // both sides of a lease look at their clocks alike
      to: { path: '^src/', pathNot: '^src/(decision/reasons|fleet/machine)\\.ts$' },
    },
    {
      name: 'the-client-itself-does-not-know-prisma',
      severity: 'error',
      from: { path: '^client/src/', pathNot: '^client/src/(prisma|cli)/|\\.spec\\.ts$' },
      to: { path: '^client/src/prisma/' },
    },
    {
      name: 'the-service-does-not-know-its-client-nor-its-pages',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(client|settings|console)/' },
    },
    {
      name: 'the-page-is-made-of-itself-and-preact',
      severity: 'error',
      from: { path: '^settings/src/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^settings/src/', 'node_modules/preact/'] },
    },
    {
      name: 'of-the-service-the-console-knows-the-decision-core-alone',
      comment:
        'and, in its Worker, how policies are read and written: what the editor refuses, the service refuses',
      severity: 'error',
      from: { path: '^console/src/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(src|client|settings|test)/',
        pathNot: [
          '^src/decision/',
          '^src/policy/text/(policy-(yaml|writer)|(shape|yaml)-sentences|quoting)\\.ts$',
        ],
      },
    },
    {
      name: 'the-console-reads-policies-in-its-worker',
      severity: 'error',
      from: { path: '^console/src/', pathNot: '^console/src/law/' },
      to: { path: '^src/policy/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-console-decides-in-its-worker',
      comment: 'what the page itself takes of the core are words, types and the order of the reasons',
      severity: 'error',
      from: { path: '^console/src/', pathNot: '^console/src/law/|\\.spec\\.tsx?$' },
      to: {
        path: '^src/decision/',
        pathNot: '^src/decision/(policy|reasons|consent-event|table/table)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'examples-have-nothing-of-ours-but-the-client',
      severity: 'error',
      from: { path: '^examples/' },
      to: {
        pathNot: ['^examples/', '^client/dist/', '^@assent/client', 'node_modules/(fastify|pg)/'],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'services-know-neither-dtos-nor-prisma',
      severity: 'error',
      from: {
        path: '\\.(service|store)\\.ts$|^src/consent/(log/(consent-log|state-in-force)|settings/choices)\\.ts$',
        pathNot: ['^src/store/', '^test/'],
      },
      to: { path: ['\\.dto\\.ts$', '^src/store/', 'node_modules/@prisma/'] },
    },
    {
      name: 'only-the-store-knows-the-database',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/store/', '^src/parts\\.ts$', '^src/upkeep/', '\\.spec\\.ts$'] },
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
    doNotFollow: { path: 'node_modules|^client/dist/' },
    exclude: { path: '^src/store/generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
