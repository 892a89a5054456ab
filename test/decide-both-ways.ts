/** Decides as the product does, by the table, and by the CASL rules as well: the two must never differ. */
import type { CompiledPolicy } from '../src/decision/rules/compile.js';
import { decide } from '../src/decision/table/decide.js';
import type { Decision } from '../src/decision/reasons.js';
import { type WholeQuestion, decideByRules } from '../src/decision/rules/reference.js';
import { type DecisionTable, factsIndex } from '../src/decision/table/table.js';
import { tabulate } from './at-once.js';

const tables = new WeakMap<CompiledPolicy, DecisionTable>();

/**
 * The decision of a question.
 *
 * @throws Error when the table and the rules disagree
 */
export function decideBothWays(policy: CompiledPolicy, question: WholeQuestion): Decision {
  let table = tables.get(policy);
  if (table === undefined) tables.set(policy, (table = tabulate(policy)));
  const { record, facts, ...asked } = question;
  const byTable = decide(table, { ...asked, facts: factsIndex(facts) }, table.consentOf(record));
  const byRules = decideByRules(policy, question);
  if (JSON.stringify(byTable) !== JSON.stringify(byRules))
    throw new Error(`the table says ${JSON.stringify(byTable)}, the rules ${JSON.stringify(byRules)}`);
  return byTable;
}
