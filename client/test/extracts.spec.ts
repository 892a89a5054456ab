/** Extracts of the real service: whoever is let through is in one, and whoever withdraws is told of, or nothing is. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Assent, createAssent } from '../src/assent.js';
import { clientToken, everywhere } from './people.js';
import { FakeService } from './faults/fake-service.js';
import { json } from './faults/faults.js';

const PURPOSE = 'ai';
const FIELDS = ['member.skills', 'member.industry'];
const TERMS = ['deidentify', 'min_cohort_50', 'training_snapshot_id'];
const OPEN = { region: 'US-NY', age_band: 'adult' } as const;

let assent: Assent;
beforeAll(async () => {
  await everywhere({ 'x-1': OPEN, 'x-2': OPEN, 'x-closed': { ...OPEN, choices: { [PURPOSE]: 'denied' } } }, [
    PURPOSE,
  ]);
  const token = await clientToken([PURPOSE]);
  assent = createAssent({
    url: inject('service').url,
    token,
    purpose: PURPOSE,
    discharges: TERMS,
    timeout: 60_000,
  });
});
afterAll(() => assent.close());

test('an extract takes in whom an audience lets through, and tells who withdrew since', async () => {
  const opened = await assent.openExtract(FIELDS, { title: 'Model' });
  const handles = new Map<string, string | undefined>();
  for await (const { user, permitted, member } of assent.audience(['x-1', 'x-2', 'x-closed'], FIELDS, {
    extract: opened.id,
  })) {
    if (permitted) handles.set(user, member);
    else expect(member).toBeUndefined();
  }
  expect([...handles.keys()]).toEqual(['x-1', 'x-2']);
  expect(await opened.withdrawn()).toMatchObject({ members: new Set(), isComplete: true });
  await everywhere({ 'x-2': { ...OPEN, choices: { [PURPOSE]: 'denied' } } }, [PURPOSE]);
  // by whoever knows its id, such as another process
  const known = await assent.extract(opened.id);
  const look = await known.withdrawn();
  expect(look.members).toEqual(new Set([handles.get('x-2')]));
  expect(await known.withdrawn({ since: look.since })).toMatchObject({ members: new Set() });
  await known.unlearned(look.since);
  await known.close();
  const after = [];
  for await (const answer of assent.audience(['x-1'], FIELDS, { extract: opened.id })) after.push(answer);
  expect(after).toMatchObject([{ permitted: false, fields: [], reason: 'refused' }]);
  await expect(assent.extract('../users')).rejects.toMatchObject({ reason: 'invalid_question' });
});

test('an audience whose answer leaves out a handle lets nobody through', async () => {
  const service = await new FakeService().start();
  const settings = { url: service.url, token: 't', purpose: PURPOSE, discharges: ['min_cohort_50'] };
  const client = createAssent({ ...settings, timeout: 60_000 });
  const permitted = async () => {
    const answers = [];
    for await (const one of client.audience(['x-1', 'x-2'], FIELDS, { extract: 'e' }))
      answers.push(one.permitted);
    return answers;
  };
  const taking = (body: string) => body.replace(/"user":"(x-\d)"/g, '"user":"$1","member":"m-$1"');
  service.doing = json(taking);
  expect(await permitted()).toEqual([true, true]);
  service.doing = json((body) => taking(body).replace('"member":"m-x-2",', ''));
  expect(await permitted()).toEqual([false, false]);
  client.close();
  await service.stop();
});

const END = { since: 's', complete: true, policy: 'p', members: 3, withdrawn: 1, erased: 1 };
const LINES = [{ member: 'm-1', user: 'x-1', withdrawn: {} }, { member: 'm-2', erased: true }, END];
const look = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

test.each([
  ['nothing', ''],
  ['no end', look(LINES.slice(0, 2))],
  ['an end that is cut off', look(LINES).slice(0, -3)],
  ['an end without its line feed', look(LINES).slice(0, -1)],
  ['fewer than it counts', look(LINES.slice(1))],
  ['more than it counts', look([LINES[0] ?? {}, ...LINES])],
  ['no count', look([...LINES.slice(0, 2), { ...END, erased: undefined }])],
  ['somebody without a handle', look([{ user: 'x-1' }, ...LINES.slice(1)])],
  ['something that is no JSON', look(LINES).replace('{', '')],
  ['more after its end', `${look(LINES)}{}\n`],
])('a list of who withdrew with %s is none', async (_what, body) => {
  const service = await new FakeService().start();
  const client = createAssent({ url: service.url, token: 't', purpose: PURPOSE, timeout: 60_000 });
  const answer = (text: string) => {
    service.doing = (response, { headers }) =>
      void response.writeHead(200, { ...headers, 'content-type': 'application/x-ndjson' }).end(text);
  };
  const extract = await client.extract('e');
  answer(look(LINES));
  expect((await extract.withdrawn()).members).toEqual(new Set(['m-1', 'm-2']));
  answer(body);
  await expect(extract.withdrawn()).rejects.toMatchObject({ reason: 'malformed_answer' });
  client.close();
  await service.stop();
});
