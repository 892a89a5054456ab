/**
 * A stream of lines is read the same however it is cut into chunks, and as plainly as one would write it down: split at
 * the line ends, each line an id or not. And every line gets its row, whatever becomes of the consent state meanwhile.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serviceUnder } from '../../src/access/clients.js';
import { MOST_PEOPLE } from '../../src/evaluation/people.js';
import { IdLines, type LineSyntax } from '../../src/evaluation/audience/id-lines.js';
import { AudienceService } from '../../src/evaluation/audience/audience.service.js';
import { AudienceStream } from '../../src/evaluation/audience/stream.js';
import { isId, isSpelledId } from '../../src/id.js';
import { type LogOptions, houseOn } from '../house.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { RUNS, reference } from './arbitraries.js';
import { policiesOn } from '../at-once.js';

/** A client that may ask for one purpose. */
const clientOf = (purpose: string) =>
  serviceUnder(
    {},
    { kind: 'service', id: 'client', purposes: new Set([purpose]), listings: { purposes: [], scopes: [] } },
  );

/** Pieces that lines are made of: good and bad, and what cuts them. */
const pieces = fc.oneof(
  fc
    .constantFrom('\n', '\r\n', '\r', '"', '\\', 'u-1', '\u{1f600}', '\t', '\0', '\u007f', ' ', 'null')
    .map((text) => Buffer.from(text)),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => Buffer.from(text)),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => Buffer.from(`${JSON.stringify(text)}\n`)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc.integer({ min: 250, max: 260 }).map((length) => Buffer.alloc(length, 'x')),
  fc.integer({ min: 100, max: 2_000 }).map((length) => Buffer.from(String.raw`\u0061`.repeat(length / 6))),
);
const bodies = fc.array(pieces, { maxLength: 40 }).map((parts) => Buffer.concat(parts));

/** The body in chunks that end at these places. */
function cut(body: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (body.length + 1)))].sort((a, b) => a - b);
  return [...ends, body.length].map((end, index) => body.subarray(ends[index - 1] ?? 0, end));
}

/** One user was there before ids had one spelling. */
const knows = (id: string): boolean => id === ' ';

/** The id of every line, `undefined` where there is none. */
function idsIn(chunks: readonly Buffer[], syntax: LineSyntax): (string | undefined)[] {
  const lines = new IdLines(syntax, knows);
  const ids: (string | undefined)[] = [];
  const take = () => {
    if (!lines.ended) return;
    ids.push(lines.fault === undefined ? Buffer.from(lines.id).toString() : undefined);
    expect(lines.number).toBe(ids.length);
  };
  for (const chunk of chunks)
    for (let at = 0; at < chunk.length;) {
      at = lines.read(chunk, at);
      take();
    }
  lines.end();
  take();
  return ids;
}

/** The same, written down plainly. */
function idsByHand(body: Buffer, syntax: LineSyntax): (string | undefined)[] {
  const text = body
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split('\n');
  if (text.at(-1) === '') text.pop();
  return text.map((line) => {
    const bytes = Buffer.from(line.endsWith('\r') ? line.slice(0, -1) : line, 'latin1');
    const decoded = bytes.toString();
    if (!Buffer.from(decoded).equals(bytes)) return undefined;
    const id: unknown = syntax === 'text' ? decoded : parsed(decoded);
    return isId(id) && (isSpelledId(id) || knows(id)) ? id : undefined;
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe('lines', () => {
  it.each(['text', 'json'] as const)('of %s are read as they stand, however they are cut', (syntax) => {
    fc.assert(
      fc.property(bodies, fc.array(fc.nat()), (body, places) => {
        expect(idsIn(cut(body, places), syntax)).toEqual(idsByHand(body, syntax));
      }),
      { numRuns: RUNS },
    );
  });
});

/** A log in memory whose storage can be made to fail. */
class FailingStore extends MemoryConsentStore {
  fails = false;

  override append(
    ...events: Parameters<MemoryConsentStore['append']>
  ): ReturnType<MemoryConsentStore['append']> {
    return this.fails ? Promise.reject(new Error('storage fails')) : super.append(...events);
  }

  override read(...place: Parameters<MemoryConsentStore['read']>): ReturnType<MemoryConsentStore['read']> {
    return this.fails ? Promise.reject(new Error('storage fails')) : super.read(...place);
  }
}

const BY = { kind: 'service', id: 'test' } as const;

const policies = policiesOn(reference.document);

/** What answers audiences, with nobody in its log. */
async function service(store = new MemoryConsentStore(), options: LogOptions = {}) {
  const { log, choices, evaluation, state, extracts } = await houseOn(store, policies, undefined, options);
  return { log, choices, audiences: new AudienceService(evaluation, state, extracts) };
}

describe('an audience', () => {
  it('is denied from the moment at which the consent state can no longer be read', async () => {
    const store = new FailingStore();
    const { log, choices, audiences } = await service(store, { onTrouble: () => undefined });
    const by = { kind: 'service', id: 'test' } as const;
    await choices.setProfile('u-1', by, { region: 'US-NY', ageBand: 'adult' });
    const client = clientOf('ads.personalised');
    const open = await audiences.open(
      client,
      {
        purpose: 'ads.personalised',
        fields: ['member.skills'],
        context: {},
      },
      'r-1',
    );
    const chunks = async function* () {
      yield Buffer.from('u-1\nu-2\n');
      store.fails = true;
      await choices.setProfile('u-3', by, { region: 'US-NY', ageBand: 'adult' }).catch(() => undefined);
      yield Buffer.from('u-1\nu-2\n');
    };
    const stream = new AudienceStream(open, 'application/octet-stream', 'text');
    const rows: number[] = [];
    for await (const bytes of stream.answer(chunks(), new AbortController().signal)) rows.push(...bytes);
    await log.close();
    expect(rows).toEqual([1, 0, 0, 0]);
    expect(stream.summary.counts).toEqual({ permitted: 1, unknown_user: 1, consent_unavailable: 2 });
  });

  it('decides no further ahead of its reader than two parts', async () => {
    const { log, choices, audiences } = await service();
    await choices.setProfile('u-1', BY, { region: 'US-NY', ageBand: 'adult' });
    const fields = ['member.skills', 'member.job_title', 'member.interests'];
    const open = await audiences.open(
      clientOf('ads.personalised'),
      {
        purpose: 'ads.personalised',
        fields,
        context: {},
      },
      'r-1',
    );
    const users = 60_000;
    const chunks = async function* () {
      yield Buffer.from('u-1\n'.repeat(users));
      await Promise.resolve();
    };
    let text = '';
    let isAsked = false;
    for await (const bytes of new AudienceStream(open, 'application/x-ndjson', 'text').answer(
      chunks(),
      new AbortController().signal,
    )) {
      text += Buffer.from(bytes).toString();
      if (isAsked) continue;
      isAsked = true;
      await choices.choose('u-1', BY, { purpose: 'ads.personalised', choice: 'denied' });
    }
    await log.close();
    const passes = text
      .trimEnd()
      .split('\n')
      .slice(0, users)
      .map((line) => line.includes('skills'));
    const ahead = passes.indexOf(false);
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThanOrEqual(2 * MOST_PEOPLE);
    expect(passes.lastIndexOf(true)).toBe(ahead - 1);
  });

  it('answers every line in its place, however many there are and whatever stands between them', async () => {
    const { log, choices, audiences } = await service();
    for (const user of ['u-1', 'ü-2'])
      await choices.setProfile(user, BY, { region: 'US-NY', ageBand: 'adult' });
    await choices.choose('ü-2', BY, { purpose: 'ads.personalised', choice: 'denied' });
    const rowOf = (line: string, number: number): unknown => {
      if (!isId(line) || !isSpelledId(line)) return { line: number, error: expect.any(String) };
      return { user: line, fields: line === 'u-1' ? ['member.skills'] : [] };
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('u-1', 'ü-2', 'nobody', '', '\t', 'x'.repeat(257), '"\\'), {
          minLength: 1,
          maxLength: 400,
        }),
        fc.array(fc.nat()),
        async (lines, places) => {
          const open = await audiences.open(
            clientOf('ads.personalised'),
            {
              purpose: 'ads.personalised',
              fields: ['member.skills'],
              context: {},
            },
            'r-1',
          );
          const chunks = async function* () {
            yield* cut(Buffer.from(`${lines.join('\n')}\n`), places);
            await Promise.resolve();
          };
          const stream = new AudienceStream(open, 'application/x-ndjson', 'text');
          const written: Uint8Array[] = [];
          for await (const bytes of stream.answer(chunks(), new AbortController().signal))
            written.push(bytes);
          const rows: unknown[] = Buffer.concat(written)
            .toString()
            .trimEnd()
            .split('\n')
            .map((row) => JSON.parse(row));
          expect(rows.slice(0, -1)).toEqual(lines.map((line, at) => rowOf(line, at + 1)));
          const malformed = lines.filter((line) => !isId(line)).length;
          expect(rows.at(-1)).toMatchObject({ users: lines.length - malformed, malformed_lines: malformed });
        },
      ),
      { numRuns: 300 },
    );
    await log.close();
  });

  it('asks for no more users once nobody waits for the answer', async () => {
    const { audiences } = await service();
    const open = await audiences.open(
      clientOf('service'),
      {
        purpose: 'service',
        fields: ['member.skills'],
        context: {},
      },
      'r-1',
    );
    const gone = new AbortController();
    const chunks = async function* () {
      yield Buffer.from('u-1\n');
      gone.abort();
      yield Buffer.from('u-2\n'.repeat(100_000));
    };
    const stream = new AudienceStream(open, 'application/octet-stream', 'text');
    const answer = async () => {
      for await (const bytes of stream.answer(chunks(), gone.signal)) expect(bytes.length).toBe(1);
    };
    await expect(answer()).rejects.toThrow();
    expect(open.audience.size).toBe(1);
  });
});
