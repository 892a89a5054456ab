/** `npm run demo`: the story of a policy, told against a running server with real requests. */
import { developmentToken } from '../access/tokens/development-key.js';
import { readConfig } from '../config.js';
import { serverUrl, noAnswer } from './server.js';
import { REASONS, isReason } from '../decision/reasons.js';
import { type Command, EXIT, UsageError, argumentsOf, paint, runTool, say } from './terminal.js';

const HELP = `usage: npm run demo -- [--users N] [--url URL]

Tells, against a running server in development mode (npm start; default the one on this machine, at PORT), what Assent
decides and why.
It first registers N generated users (10,000 by default) across all regimes.
`;

/** Where the generated users live: one region per regime, in the order of the story. */
const REGIONS = ['DE', 'GB', 'CA', 'HK', 'US-CA', 'US-NY', 'BR'];
const CONCURRENCY = 64;

type Reply = { readonly status: number; readonly body: unknown };
type Send = (method: string, path: string, token: string, body?: unknown) => Promise<Reply>;

function sender(url: string): Send {
  return async (method, path, token, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
}

/** Registers the generated users, with a line of progress on a terminal. */
async function register(send: Send, token: string, count: number): Promise<void> {
  let next = 0;
  let done = 0;
  const started = performance.now();
  const progress = () =>
    process.stdout.isTTY &&
    process.stdout.write(`\r  ${done.toLocaleString('en')} of ${count.toLocaleString('en')} users`);
  const work = async () => {
    for (let index = next++; index < count; index = next++) {
      const profile = {
        region: REGIONS[index % REGIONS.length],
        age_band: index % 20 === 19 ? 'minor' : 'adult',
      };
      const { status, body } = await send('PUT', `/v1/users/member-${index}`, token, profile);
      if (status !== 200) throw new Error(`registering a user answered ${status}: ${JSON.stringify(body)}`);
      if (++done % 500 === 0) progress();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  const seconds = (performance.now() - started) / 1000;
  say(
    `${process.stdout.isTTY ? '\r' : ''}  ${count.toLocaleString('en')} users registered in ${seconds.toFixed(1)} s`,
  );
}

/** The decision of an answer, and the sentence behind its reason. */
function verdictOf(body: unknown): { readonly decision: boolean; readonly reason: string } {
  const decision = member(body, 'decision') === true;
  const reason = String(member(member(body, 'context'), 'reason'));
  return { decision, reason: isReason(reason) ? REASONS[reason].means : reason };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

async function tell(url: string, dataDir: string, count: number): Promise<void> {
  const send = sender(url);
  // policies/clients.yaml says what each may ask for and do
  const clientToken = (id: string) => developmentToken(dataDir, 'client', { sub: id });
  const token = {
    accounts: await clientToken('accounts'),
    ads: await clientToken('ads'),
    training: await clientToken('ai-training'),
    trust: await clientToken('trust-and-safety'),
    messaging: await clientToken('messaging'),
    // member-4 lives in California, and is an adult
    member: await developmentToken(dataDir, 'person', { sub: 'member-4' }),
  };

  const show = (
    who: string,
    method: string,
    path: string,
    body: unknown,
    { status, body: answer }: Reply,
  ) => {
    say(paint('dim', `  ${who}: ${method} ${path}`));
    say(paint('dim', `  ${JSON.stringify(body)}`));
    say(`  → ${status} ${JSON.stringify(answer)}`);
  };
  const ask = async (who: keyof typeof token, purpose: string, field: string, context?: object) => {
    const body = {
      subject: { type: 'purpose', id: purpose },
      action: { name: 'read' },
      resource: { type: 'field', id: field, properties: { user: 'member-4' } },
      ...(context === undefined ? {} : { context }),
    };
    const reply = await send('POST', '/access/v1/evaluation', token[who], body);
    show(who, 'POST', '/access/v1/evaluation', body, reply);
    const { decision, reason } = verdictOf(reply.body);
    say(decision ? paint('green', '  yes') : paint('red', `  no: ${reason}`));
    say();
  };
  const chapter = (title: string) => say(paint('bold', title));

  chapter(`Members of a professional network, in ${REGIONS.length} regions of the world`);
  await register(send, token.accounts, count);
  say();

  chapter('1. May personalised ads read the skills of a member in California?');
  await ask('ads', 'ads.personalised', 'member.skills');

  chapter('2. The member opts out. The answer carries a token: what rests on it has seen the opt-out.');
  const choice = { choice: 'denied' };
  const path = '/v1/users/me/choices/ads.personalised';
  const reply = await send('PUT', path, token.member, choice);
  show('member', 'PUT', path, choice, reply);
  say();
  const consistency = member(reply.body, 'consistency_token');

  chapter('3. The same question again.');
  await ask('ads', 'ads.personalised', 'member.skills', { consistency_token: consistency });

  chapter('4. May generative AI be trained on their public posts? Under obligations.');
  await ask('training', 'ai.generative', 'post.text', { actor: 'automated' });

  chapter('5. And on their private messages? Never, for nobody: the floor.');
  await ask('training', 'ai.generative', 'message.body', { actor: 'automated' });

  chapter('6. May an abuse reviewer read a reported message? Not without an open case.');
  await ask('trust', 'safety.report_review', 'message.body');

  chapter('7. May the malware scanner? Yes: it is a process, and tells nobody more than its verdict.');
  await ask('messaging', 'security.malware_scan', 'message.body', { actor: 'automated' });

  chapter('8. The member changes their mind, and takes the opt-out back. It is the same one call.');
  const back = { choice: 'granted' };
  show('member', 'PUT', path, back, await send('PUT', path, token.member, back));
  say();

  chapter('9. The same on a page. Sign in as the member:');
  say(`  ${url}/session/sign-in?to=/settings&user=member-4`);
}

const demo: Command = {
  help: HELP,
  run: async (args) => {
    const { values } = argumentsOf(
      args,
      { users: { type: 'string', default: '10000' }, url: { type: 'string' } },
      [],
    );
    const count = Number(values.users);
    if (!Number.isInteger(count) || count < 5)
      throw new UsageError(`--users is \`${values.users}\`: give a whole number from 5 up`);
    const config = readConfig(process.env);
    const url = serverUrl(values.url);
    const { status } = await fetch(`${url}/health/ready`).catch((error: unknown) => {
      throw new Error(
        `${noAnswer(url, error)}: start one with npm start, in another terminal, or set --url`,
        { cause: error },
      );
    });
    if (status !== 200)
      throw new Error(`${url}/health/ready answered ${status}: wait until it is ready, or set --url`);
    await tell(url, config.dataDir, count);
    return EXIT.fine;
  },
};

process.exitCode = await runTool('demo', demo, process.argv.slice(2));
