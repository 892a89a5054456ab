/** What a record is as a table: a row for each decision, and one for each person of a set. */
import type {
  Asked,
  Person,
  RecordEntry,
  RecordedDecision,
  RecordedDischarge,
  RecordedSet,
} from '../record-entry.js';
import { type ReadBlock, idOf } from '../segment/segment-reader.js';

/** A decision, or a person whom a question about many let through. */
export type LakeRow = {
  readonly block: ReadBlock;
  /** Of the decision, in its block. */
  readonly index: number;
  readonly entry: RecordEntry;
  readonly person: Person | undefined;
  /** What only this person, or only those of this set, got. */
  readonly got: RecordedDecision | RecordedSet;
};

export type LakeTable = 'decisions' | 'sets' | 'discharges';

/** The rows of a block. @throws RecordDamage */
export function* rowsOf(block: ReadBlock): Generator<readonly [LakeTable, LakeRow], void> {
  for (const { index, entry } of block.entries())
    if (entry.kind !== 'users')
      for (const [place, got] of entry.decisions.entries())
        yield [
          entry.kind === 'discharge' ? 'discharges' : 'decisions',
          { block, index: index + place, entry, person: got.person, got },
        ];
    else
      for (const got of entry.sets) {
        for (const person of got.users) yield ['sets', { block, index, entry, person, got }];
        for (const person of got.strangers) yield ['sets', { block, index, entry, person, got }];
      }
}

/** By person, then by time: those by number first, then strangers, then those about nobody. */
export function compareRows(one: LakeRow, other: LakeRow): number {
  return placeOf(one.person) - placeOf(other.person) || one.entry.at - other.entry.at;
}

function placeOf(person: Person | undefined): number {
  if (typeof person === 'number') return person;
  return person === undefined ? Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER - 1;
}

export type LakeColumn = {
  readonly name: string;
  readonly type: 'STRING' | 'INT64' | 'BOOLEAN' | 'TIMESTAMP';
  readonly value: (row: LakeRow) => string | bigint | boolean | Date | null;
};

function text(name: string, value: (row: LakeRow) => string | undefined): LakeColumn {
  return { name, type: 'STRING', value: (row) => value(row) ?? null };
}

/** A person in two columns, of which one at most is there. */
function personal(names: readonly [string, string], of: (row: LakeRow) => Person | undefined): LakeColumn[] {
  const [number, stranger] = names;
  const name = (person: Person | undefined) =>
    typeof person === 'object' ? Buffer.from(person).toString('hex') : undefined;
  return [
    {
      name: number,
      type: 'INT64',
      value: (row) => {
        const person = of(row);
        return typeof person === 'number' ? BigInt(person) : null;
      },
    },
    text(stranger, (row) => name(of(row))),
  ];
}

function asked(
  name: string,
  member: keyof Pick<
    Asked,
    'client' | 'request' | 'policy' | 'actor' | 'case' | 'item' | 'reader' | 'legalReference'
  >,
): LakeColumn {
  return text(name, ({ entry }) => entry[member]);
}

const COMMON: readonly LakeColumn[] = [
  ...personal(['user', 'stranger'], ({ person }) => person),
  { name: 'at', type: 'TIMESTAMP', value: ({ entry }) => new Date(entry.at) },
  text('id', ({ block, index }) => idOf(block, index)),
  asked('client', 'client'),
  asked('request', 'request'),
  asked('policy', 'policy'),
  { name: 'revision', type: 'INT64', value: ({ entry }) => BigInt(entry.revision) },
  asked('actor', 'actor'),
  asked('case', 'case'),
  asked('item', 'item'),
  asked('reader', 'reader'),
  asked('legal_reference', 'legalReference'),
  ...personal(['on_behalf_of', 'on_behalf_of_stranger'], ({ entry }) => entry.onBehalfOf),
];

const DECIDED: readonly LakeColumn[] = (['purpose', 'field', 'level', 'reason', 'source'] as const).map(
  (name) => text(name, ({ got }) => ('reason' in got ? got[name] : undefined)),
);

const LIST_SEPARATOR = ',';
function discharged(name: string, value: (said: RecordedDischarge) => string): LakeColumn {
  return text(name, ({ entry }) => (entry.kind === 'discharge' ? value(entry) : undefined));
}

const obligations = text('obligations', ({ got }) => got.obligations.join(LIST_SEPARATOR));

/** The columns of each table. Lists are texts whose elements, which are identifiers, are separated by commas. */
export const COLUMNS: Readonly<Record<LakeTable, readonly LakeColumn[]>> = {
  decisions: [
    ...COMMON,
    ...DECIDED,
    {
      name: 'permitted',
      type: 'BOOLEAN',
      value: ({ got }) => 'reason' in got && got.reason === 'permitted',
    },
    obligations,
  ],
  sets: [
    ...COMMON,
    ...(['way', 'purpose', 'stream'] as const).map((name) =>
      text(name, ({ entry }) => (entry.kind === 'users' ? entry[name] : undefined)),
    ),
    text('fields', ({ got }) => ('permits' in got ? got.permits.join(LIST_SEPARATOR) : undefined)),
    obligations,
  ],
  discharges: [
    ...COMMON,
    ...DECIDED,
    obligations,
    discharged('discharged', ({ obligation }) => obligation),
    {
      name: 'decided_at',
      type: 'TIMESTAMP',
      value: ({ entry }) => (entry.kind === 'discharge' ? new Date(entry.decidedAt) : null),
    },
    discharged('decided_in', ({ decidedIn }) => decidedIn),
    discharged('answer', ({ answer }) => Buffer.from(answer).toString('base64url')),
  ],
};
