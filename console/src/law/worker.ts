/** Runs the decision core beside the page, so that long questions block nothing and can be cancelled. */
import { compileSteps } from '../../../src/decision/rules/compile.js';
import type { Steps } from '../../../src/decision/steps.js';
import type { DecisionTable } from '../../../src/decision/table/table.js';
import { tabulateSteps } from '../../../src/decision/table/tabulate.js';
import { type Checked, checkSteps } from './check.js';
import type { Answers, Asked, FromWorker, Kind, Questions, ToWorker } from './law.js';
import { matrixSteps } from './matrix.js';

/** Compiled policies that are kept: those that a comparison needs, and the draft. */
const MOST_TABLES = 4;
const tables = new Map<string, DecisionTable>();
const cancelled = new Set<number>();

/** How long a piece of work takes before the Worker looks whether it is still wanted, in milliseconds. */
const SLICE_MS = 20;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if ('cancelled' in data) cancelled.add(data.id);
  else void answer(data.id, data.asked);
});

async function answer(id: number, asked: Asked): Promise<void> {
  const told = await stepsOf(asked)
    .then((steps) => inSlices(id, steps))
    .catch((error: unknown) => ({ failed: String(error) }));
  if (!cancelled.delete(id)) {
    const message: FromWorker = 'failed' in told ? { id, failed: told.failed } : { id, answer: told.value };
    postMessage(message);
  }
}

const { port1: here, port2: there } = new MessageChannel();
here.start();

/** Lets questions in. A timer would wait four milliseconds each time (HTML, timer initialization steps). */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    here.addEventListener('message', () => resolve(), { once: true });
    there.postMessage(undefined);
  });
}

/** Does the work, unless the answer is not wanted any more. */
async function inSlices<T>(id: number, steps: Steps<T>): Promise<{ readonly value: T }> {
  for (let until = performance.now() + SLICE_MS; ;) {
    const { done, value } = steps.next();
    if (done === true) return { value };
    if (performance.now() < until) continue;
    await turn();
    if (cancelled.has(id)) throw new Error('cancelled');
    until = performance.now() + SLICE_MS;
  }
}

/** What is seldom needed is loaded with the first question for it. */
async function stepsOf(asked: Asked): Promise<Steps<Answers[Kind]>> {
  switch (asked.kind) {
    case 'matrix':
      return matrixOf(asked);
    case 'text': {
      const { writePolicyYamlSteps } = await import('../../../src/policy/text/policy-writer.js');
      return writePolicyYamlSteps(asked.document);
    }
    case 'check':
      return verdictOf(asked);
    case 'lints': {
      const { text, checked } = last;
      if (text !== asked.text || checked === undefined) throw new Error('the text was not checked');
      const { findingsSteps } = await import('./lints.js');
      return findingsSteps(checked, asked.base, asked.today);
    }
    case 'edit': {
      const { editSteps } = await import('./edit.js');
      return editSteps(asked.text, asked.edit);
    }
  }
}

function* matrixOf(asked: Questions['matrix']): Steps<Answers['matrix']> {
  return yield* matrixSteps(yield* tableOf(asked), asked.who);
}

function* verdictOf({ text, base }: Questions['check']): Steps<Answers['check']> {
  const { verdict, checked } = yield* checkSteps(text, base);
  last = { text, checked };
  return verdict;
}

/** The text that was checked last. */
let last: { readonly text: string; readonly checked: Checked | undefined } = { text: '', checked: undefined };

/** @throws Error when the policy is not sound */
function* tableOf({ policy, document }: Questions['matrix']): Steps<DecisionTable> {
  const known = tables.get(policy);
  if (known !== undefined) return known;
  const compiled = yield* compileSteps(document);
  if (!compiled.ok) throw new Error(compiled.errors.map(({ message }) => message).join('; '));
  const table = yield* tabulateSteps(compiled.policy);
  const [oldest] = tables.keys();
  if (tables.size >= MOST_TABLES && oldest !== undefined) tables.delete(oldest);
  tables.set(policy, table);
  return table;
}
