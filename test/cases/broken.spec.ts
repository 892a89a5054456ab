/**
 * Every broken policy is refused with exactly what the person who wrote it must be told: as a value, as a text and as
 * files, whichever it can be.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { PolicyFilesError, readPolicyFiles } from '../../src/policy/text/policy-files.js';
import { type CheckedPolicy, parsePolicyText } from '../../src/policy/text/policy-text.js';
import { checkPolicyValue } from '../at-once.js';
import { writePolicyYaml } from '../../src/policy/text/policy-writer.js';
import {
  type BrokenCase,
  type Told,
  byId,
  edited,
  inFolder,
  readBrokenCases,
  textOf,
} from './broken/broken-cases.js';
import { REFERENCE as reference } from '../reference-policy.js';

const files = readBrokenCases();
const slowest = { ms: 0, description: '' };

/** What is told of a policy, and how long it took to find out is kept. */
async function toldOf<T>(description: string, check: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const told = await check();
  const ms = performance.now() - start;
  if (ms > slowest.ms) Object.assign(slowest, { ms, description });
  return told;
}

function errorsOf(checked: CheckedPolicy): readonly Told[] {
  return checked.ok ? [] : checked.errors;
}

async function errorsIn(folder: string): Promise<readonly Told[]> {
  const refused: unknown = await readPolicyFiles(folder).catch((error: unknown) => error);
  if (!(refused instanceof PolicyFilesError))
    throw new Error('the folder is taken for a policy', { cause: refused });
  return refused.errors.map((told) => ({ ...told, message: told.message.replace(folder, 'FOLDER') }));
}

/** As cases write it: an empty path is left out. */
function written({ file, line, path = '', message }: Told): Told {
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(path === '' ? {} : { path }),
    message,
  };
}

function expectTold(found: readonly Told[], { told, expect: expected }: BrokenCase, how: string): void {
  if (told === undefined) return expect(found, how).toEqual(expected);
  expect(found.length, how).toBe(told);
  expect([...found.slice(0, expected.length - 1), ...found.slice(-1)], how).toEqual(expected);
}

async function expectEdited(one: BrokenCase): Promise<void> {
  const value = edited(reference, one);
  const named = ({ path = '', message }: Told) => written({ path: byId(path, value), message });
  const ofValue = await toldOf(one.description, () => errorsOf(checkPolicyValue(value)));
  expectTold(ofValue.map(named), one, 'as a value');
  const text = writePolicyYaml(value);
  const ofText = await toldOf(one.description, () => parsePolicyText(text));
  expectTold(errorsOf(ofText).map(named), one, 'as YAML');
  expect('value' in ofText ? ofText.value : undefined, 'what can be kept as a draft').toEqual(value);
  expect(errorsOf(ofText).filter(({ path, line }) => path !== '' && line === undefined)).toEqual([]);
}

describe.each([...files])('%s', (_file, cases) => {
  it.each(cases)('$description', async (one) => {
    if (one.edit !== undefined) return expectEdited(one);
    if (one.files !== undefined) {
      const told = await inFolder(one, (folder) => toldOf(one.description, () => errorsIn(folder)));
      return expectTold(told.map(written), one, 'as files');
    }
    const text = textOf(one);
    const told = await toldOf(one.description, () => errorsOf(parsePolicyText(text)));
    expectTold(told.map(written), one, 'as a text');
  });
});

describe('a value that no text can hold', () => {
  it.each(['Ads\u0000', 'Ads \ud83d'])('is refused: %j', (title) => {
    const [first, ...others] = reference.purposes;
    const value = { ...reference, purposes: [{ ...first, title }, ...others] };
    const message = 'this text has a character that cannot be shown: remove it';
    const place = { path: 'purposes[0].title', steps: ['purposes', 0, 'title'] };
    expect(checkPolicyValue(value)).toEqual({ ok: false, errors: [{ ...place, message }] });
  });
});

describe('a policy at every limit, all of it wrong', () => {
  it('is refused with a hundred sentences and the number of the others', async () => {
    const [purpose] = reference.purposes;
    const [field] = reference.fields;
    const ids = Array.from({ length: 500 }, (_, n) => `purpose_${n}`);
    const purposes = ids.map((id, n) => ({
      ...purpose,
      id,
      parent: ids[(n + 1) % ids.length],
      requires: ids.slice(n, n + 5),
    }));
    const others = ids.map((id) => `${id}x`);
    const fields = Array.from({ length: 300 }, (_, n) => ({
      ...field,
      id: `field_${n}`,
      never: n % 2 === 0 ? ids : others,
      only: ids,
    }));
    const checked = await toldOf('a policy at every limit', () =>
      checkPolicyValue({ ...reference, purposes, fields }),
    );
    const errors = errorsOf(checked);
    expect(errors).toHaveLength(101);
    expect(errors.at(-1)).toEqual({
      path: '',
      steps: [],
      message: expect.stringMatching(/^and \d+ more: correct these first$/),
    });
  });
});

describe('the broken policies together', () => {
  const all = [...files.values()].flat();

  it('are more than a hundred, each broken in a way of its own', () => {
    expect(all.length).toBeGreaterThan(100);
    expect(new Set(all.map(({ description }) => description)).size).toBe(all.length);
    expect(
      new Set(all.map(({ expect: _expect, description: _description, ...broken }) => JSON.stringify(broken)))
        .size,
    ).toBe(all.length);
  });

  it('are told in sentences: lower case, no full stop, and not without what to do', () => {
    const messages = all.flatMap(({ expect: told }) => told.map(({ message }) => message));
    expect(messages.filter((message) => /^[A-Z][a-z]/.test(message) || message.endsWith('.'))).toEqual([]);
  });

  afterAll(() => {
    process.stdout.write(`the slowest took ${slowest.ms.toFixed(0)} ms: ${slowest.description}\n`);
  });
});
