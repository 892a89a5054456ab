/** `npm run -s policy -- test`: runs the decision cases in the folder of a policy. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type CompiledPolicy, compileSteps } from '../../decision/rules/compile.js';
import type { AgeBand } from '../../decision/consent-event.js';
import { REASONS, type Decision } from '../../decision/reasons.js';
import { decideByRules } from '../../decision/rules/reference.js';
import { type PolicyCase, expectedOf, questionOf, readPolicyCases } from '../../policy/text/policy-cases.js';
import { PolicyFilesError } from '../../policy/text/policy-files.js';
import { inSlices } from '../../work/slices.js';
import { defaultFolder, readFolder, reportErrors } from './source.js';
import { type Command, EXIT, argumentsOf, count, paint, report, say } from '../terminal.js';
import { readText } from '../../text.js';

export const test: Command = {
  help: `usage: npm run -s policy -- test [FOLDER]

Asks the policy of a folder (default POLICY_DIR, or policies) every case of the *.test.yaml files below it. How a case
is written: policies/test.schema.json.

exit code: 0 every case is answered as it expects, 1 one is not, 2 the command could not do its work
`,
  run: async (args) => {
    const { positionals } = argumentsOf(args, {}, ['[FOLDER]']);
    const [folder = defaultFolder()] = positionals;
    try {
      const { document } = await readFolder(folder);
      const compiled = await inSlices(compileSteps(document));
      // INVARIANT: `readFolder` returns only sound documents
      if (!compiled.ok) throw new Error('the policy does not compile: run check');
      return await testAll(folder, compiled.policy);
    } catch (error) {
      if (!(error instanceof PolicyFilesError)) throw error;
      reportErrors(error);
      say(`\nno case was asked: the policy is not sound`);
      return EXIT.wrong;
    }
  },
};

type Tally = { readonly passed: number; readonly failed: number };

async function testAll(folder: string, policy: CompiledPolicy): Promise<number> {
  const files = await testFilesOf(folder);
  if (files.length === 0)
    throw new Error(
      `there are no *.test.yaml files below \`${folder}\`: write a test, or name another folder`,
    );
  let [passed, failed] = [0, 0];
  for (const file of files) {
    const tally = testFile(file, await readText(file), policy);
    passed += tally.passed;
    failed += tally.failed;
  }
  const summary = `${count(files.length, 'file')}, ${passed + failed} cases: ${passed} passed, ${failed} failed`;
  say(`\n${paint(failed > 0 ? 'red' : 'green', summary)}`);
  return failed > 0 ? EXIT.wrong : EXIT.fine;
}

async function testFilesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.test\.ya?ml$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Runs the cases of a file. A file that cannot be read counts as one failed case. */
function testFile(file: string, text: string, policy: CompiledPolicy): Tally {
  const read = readPolicyCases(text);
  if (!read.ok) {
    for (const { line, path, message } of read.errors)
      report('wrong', [`${file}:${line ?? 1}`, path, message].filter((part) => part !== '').join('  '));
    return { passed: 0, failed: 1 };
  }
  const failures = read.cases.flatMap(({ case: one, line }) => {
    const failure = failureOf(one, policy);
    return failure === undefined ? [] : [{ ...failure, place: `${file}:${line}`, one }];
  });
  const tally = { passed: read.cases.length - failures.length, failed: failures.length };
  if (failures.length === 0) report('ok', `${file}  ${count(tally.passed, 'case')}`);
  for (const { place, one, expected, got } of failures) {
    report('wrong', `${place}  ${one.description}`);
    say(`         asked     ${askedBy(one)}`);
    say(`         expected  ${expected}`);
    say(`         got       ${got}`);
  }
  return tally;
}

type Failure = { readonly expected: string; readonly got: string };

function failureOf(one: PolicyCase, policy: CompiledPolicy): Failure | undefined {
  const expected = expectedOf(one);
  try {
    const got = decideByRules(policy, questionOf(one, policy.document));
    return isDeepStrictEqual(got, expected)
      ? undefined
      : { expected: told(expected), got: `${told(got)}${because(got)}` };
  } catch (error) {
    return { expected: told(expected), got: error instanceof Error ? error.message : String(error) };
  }
}

function told({ permit, reason, obligations, source }: Decision): string {
  if (!permit) return `deny: ${reason}${source === undefined ? '' : `, derived_source: ${source}`}`;
  return obligations.length === 0 ? 'permit' : `permit, with ${obligations.join(', ')}`;
}

function because({ permit, reason }: Decision): string {
  return permit ? '' : paint('dim', ` (${REASONS[reason].means})`);
}

/** The question on one line. */
function askedBy({ user, request }: PolicyCase): string {
  const { purpose, field, ...facts } = request;
  const stated = Object.entries(facts).map(([name, value]) => `${name}: ${String(value)}`);
  return [`\`${purpose}\` reads \`${field}\` of ${userOf(user)}`, ...stated].join(', ');
}

const AGES: Readonly<Record<AgeBand, string>> = {
  adult: 'an adult',
  minor: 'a minor',
  unknown: 'a user of unknown age',
};

function userOf(user: PolicyCase['user']): string {
  if (typeof user === 'string')
    return user === 'unknown' ? 'an unknown user' : 'a user whose record is unavailable';
  const who = 'registered' in user ? 'a user without a profile' : `${AGES[user.age_band]} in ${user.region}`;
  const spoken = Object.entries(user.choices ?? {}).map(
    ([purpose, said]) =>
      `${purpose}: ${typeof said === 'string' ? said : `${said.choice} on notice ${said.notice}`}`,
  );
  const all = [...spoken, ...(user.signals ?? [])];
  return all.length === 0 ? who : `${who} (${all.join(', ')})`;
}
