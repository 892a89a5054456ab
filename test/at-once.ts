/** What the service does in steps, done at once. */
import { type Difference, differenceSteps } from '../src/decision/comparison/difference.js';
import { lintSteps } from '../src/decision/comparison/lint.js';
import type { Lint } from '../src/decision/comparison/lint-codes.js';
import type { PolicyDocument } from '../src/decision/policy.js';
import { type CompileResult, type CompiledPolicy, compileSteps } from '../src/decision/rules/compile.js';
import { type CompileError, validateSteps } from '../src/decision/rules/validate.js';
import { finish } from '../src/decision/steps.js';
import type { DecisionTable } from '../src/decision/table/table.js';
import { tabulateSteps } from '../src/decision/table/tabulate.js';
import { type ShapeError, shapeSteps } from '../src/policy/text/policy-shape.js';
import { type CheckedPolicy, checkPolicyValueSteps } from '../src/policy/text/policy-text.js';
import { contentIdSteps } from '../src/policy/content-id.js';
import { PolicyService, versionSteps } from '../src/policy/policy.service.js';

export function validate(document: PolicyDocument): CompileError[] {
  return finish(validateSteps(document));
}

export function compile(document: PolicyDocument): CompileResult {
  return finish(compileSteps(document));
}

export function tabulate(policy: CompiledPolicy): DecisionTable {
  return finish(tabulateSteps(policy));
}

/** On the version that a document is. @throws PolicyFilesError when it does not compile */
export function policiesOn(document: PolicyDocument): PolicyService {
  return new PolicyService(finish(versionSteps(document, finish(contentIdSteps(document)))));
}

/** All findings about a document; none about one that does not compile. @param before the document that it is to follow */
export function lint(document: PolicyDocument, before?: PolicyDocument, today?: string): Lint[] {
  const result = compile(document);
  return result.ok ? finish(lintSteps(tabulate(result.policy), before, today)) : [];
}

export function difference(before: DecisionTable, after: DecisionTable): Difference {
  return finish(differenceSteps(before, after));
}

export function shapeErrorsOf(value: unknown): readonly ShapeError[] {
  const shaped = finish(shapeSteps(value));
  return shaped.ok ? [] : shaped.errors;
}

export function checkPolicyValue(value: unknown): CheckedPolicy {
  return finish(checkPolicyValueSteps(value));
}
