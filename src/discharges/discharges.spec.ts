/** Only the client that was answered can report an answer, as it was answered, to the log that it is of. */
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryRecording } from '../../test/memory/memory-recording.js';
import { Tokens, drawName } from '../consent/log/consistency-token.js';
import type { ServiceCaller } from '../access/caller.js';
import type { Person } from '../record/record-entry.js';
import { Vault } from '../store/database/vault.js';
import { DischargeTokens } from './discharge-tokens.js';
import { Discharges } from './discharges.js';

const NOON = Date.UTC(2026, 10, 29, 12);
const OWED = 'min_cohort_300';
const KEY = randomBytes(32);
const LOG = drawName();
const ERAS = [
  { after: 0, name: drawName() },
  { after: 5, name: drawName() },
];
const CLIENT = clientOf('ads');

let recording: MemoryRecording;
let tokens: DischargeTokens;
let discharges: Discharges;
let now = NOON;

beforeEach(() => {
  now = NOON;
  recording = new MemoryRecording();
  tokens = tokensWith();
  discharges = new Discharges(recording, tokens, true, 30, () => now);
});

function tokensWith(eras = ERAS, key: Uint8Array = KEY, log = LOG): DischargeTokens {
  return new DischargeTokens(new Vault(key), new Tokens(log, eras));
}

function clientOf(id: string): ServiceCaller {
  const token = { kind: 'service', id, listings: { purposes: [], scopes: [] } } as const;
  const from = { token, policy: {}, listed: false };
  return { kind: 'service', id, purposes: new Set(), scopes: new Set(), from };
}

function answered(people: readonly Person[] = [7], { at = NOON, revision = 7, by = tokens } = {}): string {
  return by.of(
    { at, client: 'ads', request: 'r-1', policy: 'sha256:1', revision, actor: 'automated' },
    {
      purpose: 'ads.personalised',
      field: 'member.skills',
      level: undefined,
      people,
      decision: { permit: true, reason: 'permitted', obligations: [OWED] },
    },
  );
}

const report = (answers: readonly string[], client = CLIENT, obligation = OWED) =>
  discharges.report(
    client,
    'r-2',
    answers.map((answer) => ({ answer, obligation })),
  );

const refused = (code: string) => expect.objectContaining({ code });

test('what is reported is taken down as it was answered, and nothing else of it is new but when and in which request', async () => {
  await report([answered([7, 8], { at: NOON - 1_000 })]);
  expect(recording.entries).toEqual([
    expect.objectContaining({
      kind: 'discharge',
      at: NOON,
      request: 'r-2',
      client: 'ads',
      policy: 'sha256:1',
      revision: 7,
      obligation: OWED,
      decidedAt: NOON - 1_000,
      decidedIn: 'r-1',
      decisions: [7, 8].map((person) => expect.objectContaining({ person, obligations: [OWED] })),
    }),
  ]);
});

describe('nobody can report', () => {
  test('an answer of which any letter is another', async () => {
    const answer = answered();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(answer.length - 1),
        fc.constantFrom('A', 'Z', 'a', '0', '9', '-', '_', '.', '=', '+', '/', ' ', '\u00e9'),
        async (at, letter) => {
          if (answer[at] === letter) return;
          const changed = `${answer.slice(0, at)}${letter}${answer.slice(at + 1)}`;
          await expect(report([changed])).rejects.toEqual(refused('answer_not_found'));
        },
      ),
    );
    expect(recording.entries).toEqual([]);
  });

  test('an answer with something before or behind it, or in another spelling', async () => {
    const answer = answered();
    const [sealed = '', revision = ''] = answer.split('.');
    const others = [
      `${answer}.`,
      `${answer}.x`,
      `.${answer}`,
      `${answer} `,
      `${sealed}=.${revision}`,
      sealed,
    ];
    for (const other of [...others, revision, `.${revision}`, `${sealed}.`, '.', '', '..'])
      await expect(report([other]), other).rejects.toEqual(refused('answer_not_found'));
  });

  test('an answer to another client, also where their names begin alike', async () => {
    for (const id of ['ad', 'ads ', 'ads2', 'Ads', '', '__proto__'])
      await expect(report([answered()], clientOf(id)), id).rejects.toEqual(refused('answer_not_found'));
  });

  test('the record of one answer under the revision of another', async () => {
    const [sealed] = answered([7], { revision: 7 }).split('.');
    const [, revision] = answered([7], { revision: 8 }).split('.');
    await expect(report([`${sealed}.${revision}`])).rejects.toEqual(refused('answer_not_found'));
  });

  test('an answer of a log that was restored, of another log, or under another key', async () => {
    const [first] = ERAS;
    const restored = first === undefined ? [] : [first, { after: 5, name: drawName() }];
    const lost = [
      answered([7], { by: tokensWith(restored) }),
      answered([7], { by: tokensWith(ERAS, randomBytes(32)) }),
      answered([7], { by: tokensWith(ERAS, KEY, drawName()) }),
    ];
    for (const answer of lost) await expect(report([answer])).rejects.toEqual(refused('answer_not_found'));
    // what both logs have is in both
    await report([answered([7], { by: tokensWith(restored), revision: 5 })]);
    expect(recording.entries).toHaveLength(1);
  });

  test('an answer whose record is gone, from the day on when the ledger has forgotten it', async () => {
    const answer = answered([7], { at: Date.UTC(2026, 9, 30, 0) });
    now = Date.UTC(2026, 10, 29, 23, 59);
    await report([answer]);
    now = Date.UTC(2026, 10, 30);
    await expect(report([answer])).rejects.toEqual(refused('answer_not_found'));
  });

  test('what an answer does not oblige to', async () => {
    for (const other of ['min_cohort_30', 'MIN_COHORT_300', '__proto__', 'length'])
      await expect(report([answered()], CLIENT, other)).rejects.toEqual(refused('obligation_not_owed'));
  });

  test('one answer of several, where another cannot be', async () => {
    await expect(report([answered(), 'x.y', answered()])).rejects.toEqual(refused('answer_not_found'));
    expect(recording.entries).toEqual([]);
  });

  test('anything while the record cannot be written', async () => {
    recording.writes = false;
    await expect(report([answered()])).rejects.toEqual(refused('record_unavailable'));
    recording.isAvailable = false;
    await expect(report([answered()])).rejects.toEqual(refused('record_unavailable'));
  });
});

describe('a report', () => {
  const thousand = Array.from({ length: 1_000 }, (_none, at) => at + 1);

  test('is about ten thousand people, and about no one more', async () => {
    const answers = Array.from({ length: 10 }, () => answered(thousand));
    await report(answers);
    expect(recording.entries).toHaveLength(10);
    await expect(report([...answers, answered()])).rejects.toEqual(refused('invalid_request'));
    // also if the people are the same
    await expect(report([...answers, answers[0] ?? ''])).rejects.toEqual(refused('invalid_request'));
    expect(recording.entries).toHaveLength(10);
  });

  test('takes an answer about the most people that a question is about, none of whom the log knows', () => {
    expect(answered(thousand.map(() => randomBytes(16))).length).toBeLessThan(40_000);
  });

  test('of the same answer names it the same, and of the same question asked again another', async () => {
    const answer = answered();
    await report([answer, answer, answered()]);
    const names = recording.entries.map((entry) =>
      entry.kind === 'discharge' ? Buffer.from(entry.answer).toString('hex') : '',
    );
    expect(new Set(names).size).toBe(2);
    expect(names[0]).toBe(names[1]);
  });
});
