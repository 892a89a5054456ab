/** The programs in other languages say of a service what it says, and take whatever goes wrong on the way for a no. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { FakeService } from '../faults/fake-service.js';
import { DECISIONS, FAULTS, json } from '../faults/faults.js';
import { LANGUAGES, type Running, buildIn, isHere, printedBy, startIn } from './languages.js';
import { clientToken, everywhere } from '../people.js';

/** Seconds: for what ends by itself, and for what never does. */
const PATIENT = '30';
const IMPATIENT = '0.5';

const SAID = `check: yes
check many: yes, no
filter: member.skills
audience: u-123
explain: ads.personalised may not read member.skills of this user: opted_out
`;
const ALL = `check: yes
check many: yes, yes
filter: member.skills, message.body
audience: u-123, u-456
explain: ads.personalised may read member.skills of this user
`;
const NONE = `check: no
check many: no, no
filter: nothing
audience: nobody
explain: ads.personalised may not read member.skills of this user: `;

/** What can be wrong with the answer about an audience of two. */
const AUDIENCES: readonly (readonly [string, (body: string) => string])[] = [
  ['has no lines', () => ''],
  ['is cut off after a line', (body) => body.slice(0, body.indexOf('\n') + 1)],
  ['is cut off before its last line', (body) => body.replace(/\{"policy".*\n$/, '')],
  ['is cut off in its last line', (body) => body.slice(0, -3)],
  ['lacks the end of its last line', (body) => body.slice(0, -1)],
  ['has more after its last line', (body) => `${body}{}`],
  ['has its last line twice', (body) => body.replace(/(\{"policy".*\n)$/, '$1$1')],
  ['is about another user', (body) => body.replace('"u-456"', '"u-457"')],
  ['is about nobody', (body) => body.replaceAll('"user"', '"User"')],
  ['has a field that was not asked about', (body) => body.replace('member.skills', 'message.body')],
  ['has a field twice', (body) => body.replace('["member.skills"]', '["member.skills","member.skills"]')],
  ['has fields that are no list', (body) => body.replace('["member.skills"]', '"member.skills"')],
  ['has an answer that is an error', (body) => body.replace('"fields"', '"error":"no","fields"')],
  ['counts other users', (body) => body.replace('"users":2', '"users":1')],
  [
    'counts others as malformed',
    (body) => body.replace('"malformed_lines":0', '"malformed_lines":1').replace('"users":2', '"users":1'),
  ],
];

for (const language of LANGUAGES) {
  const { name, launch } = language;
  // what to install is said in `languages.ts`
  describe.skipIf(!isHere(language))(`the program in ${name}`, () => {
    let fake: FakeService;
    let folder: string;
    const running = new Map<string, Running>();
    beforeAll(async () => {
      fake = await new FakeService().start();
      folder = await mkdtemp(join(tmpdir(), 'assent-'));
      await buildIn(folder, language);
      for (const ASSENT_TIMEOUT of [PATIENT, IMPATIENT]) {
        const env = { ASSENT_URL: fake.url, ASSENT_TOKEN: 'a-token', ASSENT_TIMEOUT };
        running.set(ASSENT_TIMEOUT, startIn(folder, language, env));
      }
    });
    afterAll(async () => {
      for (const one of running.values()) await one.stop();
      await fake.stop();
      await rm(folder, { recursive: true });
    });

    const saidOf = (timeout: string) => (running.get(timeout) ?? expect.unreachable()).printed();

    test('says of a service what it says', async () => {
      const purpose = 'ads.personalised';
      await everywhere(
        {
          'u-123': { region: 'US-CA', age_band: 'adult' },
          'u-456': { region: 'US-CA', age_band: 'adult', choices: { [purpose]: 'denied' } },
        },
        [purpose],
      );
      const ASSENT_TOKEN = await clientToken([purpose]);
      const env = { ASSENT_URL: inject('service').url, ASSENT_TOKEN, ASSENT_TIMEOUT: PATIENT };
      expect(await printedBy(launch, env)).toBe(SAID);
      expect(await printedBy(launch, { ...env, ASSENT_TOKEN: 'another' })).toContain(NONE);
    });

    test('lets everything through of a server that permits everything', async () => {
      fake.heal();
      // maps of Go and Java have no order
      expect(
        (await saidOf(PATIENT)).replace('message.body, member.skills', 'member.skills, message.body'),
      ).toBe(ALL);
    });

    test.each(FAULTS)('takes a server for a no that %s', async (_what, reason, fault) => {
      fake.doing = fault;
      const said = await saidOf(reason === 'timed_out' ? IMPATIENT : PATIENT);
      // of the others, a program may find the first of two things that are wrong
      expect(said).toContain(NONE + (/timed_out|obligation/.test(reason) ? `${reason}\n` : ''));
    });

    test('takes a server for a no that sends a little again and again', async () => {
      const dripping = new Set<NodeJS.Timeout>();
      fake.doing = (response, { headers, body }) => {
        response.writeHead(200, headers).write(body);
        const timer = setInterval(() => response.write(' '), 20);
        dripping.add(timer);
        response.on('close', () => clearInterval(timer));
      };
      expect(await saidOf(IMPATIENT)).toContain(`${NONE}timed_out\n`);
      for (const timer of dripping) clearInterval(timer);
    });

    test('takes a server for a no that redirects to one that permits', async () => {
      fake.doing = (response, { headers, body }, { path }) => {
        if (path.startsWith('/elsewhere')) response.writeHead(200, headers).end(body);
        else response.writeHead(307, { ...headers, location: `/elsewhere${path}` }).end();
      };
      expect(await saidOf(PATIENT)).toContain(NONE);
    });

    test.each(DECISIONS)('takes a batch for a no with %s', async (_what, change) => {
      fake.doing = json((body) => (body.startsWith('{"evaluations"') ? change(body) : body));
      expect(await saidOf(PATIENT)).toContain('\ncheck many: no, no\nfilter: nothing\n');
    });

    test.each(AUDIENCES)('lets nobody through of an audience whose answer %s', async (_what, change) => {
      fake.doing = json((body) => (body.startsWith('{"evaluations"') ? body : change(body)));
      expect(await saidOf(PATIENT)).toContain('\naudience: nobody\n');
    });
  });
}
