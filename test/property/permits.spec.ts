/**
 * A file of permits says of every user, field and level what the meaning says, read plainly, and the row that is missing
 * is a no. It is read back by another library than the one that wrote it.
 */
import * as fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { serviceUnder } from '../../src/access/clients.js';
import type { ConsentChange, NewConsentEvent, UserRecord } from '../../src/decision/consent-event.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { permitColumns } from '../../src/decision/table/permit-columns.js';
import { DomainError } from '../../src/errors.js';
import { Permits, type PermitsRequest } from '../../src/evaluation/permits/permits.service.js';
import { houseOn } from '../house.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { madeOfTwoGroups } from '../made-of-two-groups.js';
import { expectedDecision } from '../oracle.js';
import { REFERENCE } from '../reference-policy.js';
import { policiesOn } from '../at-once.js';
import { times } from '../times.js';
import { at, soundDocuments, usersOf } from './arbitraries.js';

const NOW = Date.UTC(2027, 0, 31, 12);
const BY = { kind: 'service', id: 'test' } as const;
const STAYS = new AbortController().signal;

/** More than a batch looks up at once, with ids of every length. */
const USERS = Array.from({ length: 300 }, (_, index) =>
  index % 7 === 0 ? `Ünal ${'\u{1f600}'.repeat(index % 50)} ${index}` : `u-${index}`,
);

const clientOf = (purposes: readonly string[]) =>
  serviceUnder(
    {},
    { kind: 'service', id: 'lake', purposes: new Set(purposes), listings: { purposes: [], scopes: [] } },
  );

/** Events whose fold is the record. */
function eventsOf(
  user: string,
  { registered, region, ageBand, choices, signals, visibility }: UserRecord,
): NewConsentEvent[] {
  const changes: ConsentChange[] = [
    ...(registered ? [{ kind: 'profile', region, ageBand } as const] : []),
    ...[...choices].map(([purpose, said]) => ({ kind: 'choice', purpose, ...said }) as const),
    ...[...(visibility ?? [])].map(([group, level]) => ({ kind: 'visibility', group, level }) as const),
    ...[...signals].map((signal) => ({ kind: 'signal', signal }) as const),
  ];
  return changes.map((change) => ({ user, by: BY, at: 0, via: 'settings', change }));
}

/** A service with these users, and the files that it makes. */
async function lakeOf(document: PolicyDocument, records: ReadonlyMap<string, UserRecord>) {
  const policies = policiesOn(document);
  const store = new MemoryConsentStore();
  const events = [...records].flatMap(([user, record]) => eventsOf(user, record));
  if (events.length > 0) await store.append(events);
  const house = await houseOn(store, policies);
  const permits = new Permits(house.evaluation, house.state, () => NOW);
  const open = (request: PermitsRequest, gone = STAYS) =>
    permits.open(clientOf([request.purpose]), request, 'r-1', gone);
  return { ...house, policy: policies.current, open, known: new Set(events.map(({ user }) => user)) };
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  for await (const piece of pieces) chunks.push(piece);
  return new Uint8Array(Buffer.concat(chunks)).buffer;
}

type Row = Readonly<Record<string, unknown>>;

async function rowsOf(file: ArrayBuffer): Promise<Map<unknown, Row>> {
  const rows = await parquetReadObjects({ file });
  expect(new Set(rows.map((row) => row['user'])).size).toBe(rows.length);
  return new Map(rows.map((row) => [row['user'], row]));
}

const stated = fc.record(
  { actor: fc.constantFrom('automated', 'human'), legal_reference: fc.constant('court order 7') },
  { requiredKeys: [] },
);

/** How many cells a file permits, after each was held against the meaning: all of them, and those at a level. */
type Held = { readonly permitted: number; readonly atLevels: number };

async function held(
  document: PolicyDocument,
  { purpose, context }: Pick<PermitsRequest, 'purpose' | 'context'>,
  seed: number,
): Promise<Held> {
  const drawn = fc.sample(usersOf(policiesOn(document).current), { numRuns: USERS.length, seed });
  const records = new Map(USERS.map((user, index) => [user, at(drawn, index)]));
  const lake = await lakeOf(document, records);
  // those with levels first: of a large policy, few others are held against it
  const fields = document.fields
    .toSorted((one, other) => Number(other.visibility !== undefined) - Number(one.visibility !== undefined))
    .slice(0, 12)
    .map(({ id }) => id);
  let rows: ReadonlyMap<unknown, Row> = new Map();
  try {
    rows = await rowsOf(await bytesOf(await lake.open({ purpose, fields, context })));
  } catch (error) {
    // nothing that the request states could permit anybody: the same is asked below
    if (!(error instanceof DomainError)) throw error;
  }
  let [permitted, atLevels] = [0, 0];
  for (const [user, record] of records)
    for (const { name, field, level } of permitColumns(lake.policy, fields)) {
      const { permit } = expectedDecision(document, {
        purpose,
        action: 'read',
        field,
        clientPurposes: new Set([purpose]),
        record,
        facts: {
          actor: context.actor ?? 'human',
          case: 'none',
          legalReference: context.legal_reference !== undefined,
          ownData: false,
        },
        ...(level === undefined ? {} : { visibility: level }),
      });
      const isIn = lake.known.has(user) && permit;
      expect(rows.get(user)?.[name] ?? false, `${user} ${name}`).toBe(isIn);
      if (isIn) permitted++;
      if (isIn && level !== undefined) atLevels++;
    }
  return { permitted, atLevels };
}

describe('a file of permits', () => {
  it('says of every user, field and level what the meaning says, over random policies', async () => {
    let permitted = 0;
    await fc.assert(
      fc.asyncProperty(soundDocuments, fc.nat(), stated, fc.nat(), async (document, which, context, seed) => {
        const purpose = at(document.purposes, which % document.purposes.length).id;
        permitted += (await held(document, { purpose, context }, seed)).permitted;
      }),
      { numRuns: times(500, 25) },
    );
    expect(permitted).toBeGreaterThan(0);
  });

  it.each(['ai', 'personalise', 'service'])(
    'says of `%s` in the reference policy what the meaning says',
    async (purpose) => {
      const { permitted, atLevels } = await held(REFERENCE, { purpose, context: {} }, 7);
      expect(permitted).toBeGreaterThan(500);
      expect(atLevels).toBeGreaterThan(100);
    },
  );

  it('has of a field that is made of groups with different levels a column for each, and for what is not known', async () => {
    const document = madeOfTwoGroups();
    const { permitted } = await held(document, { purpose: 'personalise', context: {} }, 7);
    expect(permitted).toBeGreaterThan(500);
    const names = permitColumns(policiesOn(document).current, ['post.embedding']).map(({ name }) => name);
    expect(names).toEqual(
      ['@everyone', '@connections', '@only_me', '@followers', '', '@'].map(
        (level) => `post.embedding${level}`,
      ),
    );
  });

  /** A Californian adult, who is asked about nothing and has refused nothing. */
  const ADULT: UserRecord = {
    registered: true,
    region: 'US-CA',
    ageBand: 'adult',
    choices: new Map(),
    signals: new Set(),
  };
  const peopleNamed = (ids: readonly string[], record = ADULT) => new Map(ids.map((id) => [id, record]));
  const POSTS = { purpose: 'personalise', fields: ['post.text', 'member.skills'], context: {} } as const;
  const LEVELS = ['post.text@everyone', 'post.text@connections', 'post.text@only_me'];

  it('begins with the row of nobody, and says of itself what it rests on', async () => {
    const lake = await lakeOf(REFERENCE, peopleNamed(['u-1', 'u-2']));
    const file = await bytesOf(await lake.open(POSTS));
    const { schema, key_value_metadata = [] } = parquetMetadata(file);
    expect(schema.slice(1).map(({ name }) => name)).toEqual([
      'user',
      'purpose',
      'policy',
      'made_at',
      ...LEVELS,
      'member.skills',
    ]);
    expect(Object.fromEntries(key_value_metadata.map(({ key, value }) => [key, value]))).toEqual({
      'assent.format': '1',
      'assent.purpose': 'personalise',
      'assent.policy': lake.policy.id,
      'assent.consistency_token': lake.state.tokens.of(2),
      'assent.made_at': '2027-01-31T12:00:00.000Z',
      'assent.fields': '["post.text","member.skills"]',
      'assent.obligations': '[]',
      'assent.facts': '{}',
    });
    const shared = { purpose: 'personalise', policy: lake.policy.id, made_at: BigInt(NOW) };
    const open = { 'post.text@everyone': true, 'post.text@connections': true, 'post.text@only_me': false };
    expect(await parquetReadObjects({ file })).toEqual([
      {
        user: '',
        ...shared,
        ...Object.fromEntries([...LEVELS, 'member.skills'].map((name) => [name, false])),
      },
      { user: 'u-1', ...shared, ...open, 'member.skills': true },
      { user: 'u-2', ...shared, ...open, 'member.skills': true },
    ]);
  });

  it('has no row of whom nothing may be read', async () => {
    const denied = { choice: 'denied', notice: 0, signal: false } as const;
    const lake = await lakeOf(
      REFERENCE,
      new Map([
        ['says no', { ...ADULT, choices: new Map([['personalise', denied]]) }],
        ['says nothing', ADULT],
      ]),
    );
    expect([...(await rowsOf(await bytesOf(await lake.open(POSTS)))).keys()]).toEqual(['', 'says nothing']);
  });

  it('has all fields that the policy opens to the purpose, if none is named', async () => {
    const lake = await lakeOf(REFERENCE, peopleNamed(['u-1']));
    const file = await bytesOf(await lake.open({ purpose: 'personalise', context: {} }));
    const names = parquetMetadata(file).schema.map(({ name }) => name);
    expect(names).toContain('member.skills');
    expect(names).toContain('post.text@connections');
    expect(names.filter((name) => name.startsWith('message.'))).toEqual([]);
  });

  it('has all users in groups of rows, and none who was erased', async () => {
    const ids = Array.from({ length: 70_000 }, (_, index) => `u-${index}`);
    const lake = await lakeOf(REFERENCE, peopleNamed(ids));
    lake.log.state.forget('u-5');
    lake.log.state.forget('u-69999');
    // always on: it would be permitted for somebody whom nobody knows
    const pieces: Uint8Array[] = [];
    for await (const piece of await lake.open({ ...POSTS, purpose: 'service' })) pieces.push(piece);
    // so much is in memory for a reader, however many users there are
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(100_000);
    const file = new Uint8Array(Buffer.concat(pieces)).buffer;
    expect(parquetMetadata(file).row_groups.length).toBe(2);
    const rows = await parquetReadObjects({ file, columns: ['user', 'member.skills'] });
    expect(rows.slice(1).map(({ user }) => user)).toEqual(
      ids.filter((id) => id !== 'u-5' && id !== 'u-69999'),
    );
    expect(rows.slice(1).every((row) => row['member.skills'] === true)).toBe(true);
  });

  it('is cut off when the consent state can no longer be read', async () => {
    const ids = Array.from({ length: 60_000 }, (_, index) => `u-${index}`);
    const lake = await lakeOf(REFERENCE, peopleNamed(ids));
    const pieces = await lake.open(POSTS);
    await pieces.next();
    Object.defineProperty(lake.log, 'available', { value: false });
    await expect(bytesOf(pieces)).rejects.toMatchObject({ code: 'consent_unavailable' });
  });

  it('is made no further for a client that is gone', async () => {
    const lake = await lakeOf(REFERENCE, peopleNamed(['u-1']));
    const gone = new AbortController();
    const pieces = await lake.open(POSTS, gone.signal);
    await pieces.next();
    gone.abort();
    await expect(pieces.next()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each([
    ['a purpose that is none', { purpose: 'personalize', context: {} }, 'did you mean `personalise`?'],
    ['a field that is none', { ...POSTS, fields: ['post.txt'] }, 'did you mean `post.text`?'],
    ['a field twice', { ...POSTS, fields: ['post.text', 'post.text'] }, 'is listed twice'],
    [
      'a purpose of processes, for a person',
      { purpose: 'security.malware_scan', context: {} },
      'add `actor=automated`',
    ],
    ['a purpose for own data', { purpose: 'rights', context: {} }, 'only for the user whose data it is'],
    ['a purpose that needs a case', { purpose: 'safety.report_review', context: {} }, 'needs an open case'],
    ['a purpose that needs a reference', { purpose: 'legal', context: {} }, 'add `legal_reference`'],
  ])('is refused in words for %s', async (_what, request, words) => {
    const lake = await lakeOf(REFERENCE, new Map());
    await expect(lake.open(request)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining(words),
    });
  });
});
