/** Checks a policy given as a value or as one text. A policy in files is merged first; see `policy-files.ts`. */
import type { PolicyDocument } from '../../decision/policy.js';
import { type Steps, finish } from '../../decision/steps.js';
import { validateSteps } from '../../decision/rules/validate.js';
import { shapeSteps } from './policy-shape.js';
import { Budget, type Path, type Place, readYamlSteps } from './policy-yaml.js';
import { readablePath } from './quoting.js';

/** An error in a policy. */
export type PolicyError = Partial<Place> & {
  /** The steps to the place in the document; absent: it is that of a text as a whole. */
  readonly steps?: Path;
  /** Where in the document, as in `purposes[3].settings.UK`; empty: the whole. */
  readonly path: string;
  /** What is wrong, and what to do about it. */
  readonly message: string;
};

/** A sound document, or all errors: those of shape first, those of meaning once the shape is right. */
export type CheckedPolicy<E = PolicyError> =
  | { readonly ok: true; readonly document: PolicyDocument }
  | { readonly ok: false; readonly errors: readonly E[] };

/** A policy that was read from one text. */
export type PolicyText = CheckedPolicy & {
  /** The content of the text as JSON, sound or not; absent when the text cannot be parsed. */
  readonly value?: unknown;
};

/** Whether a JSON value is a sound policy. The value must not change meanwhile. */
export function* checkPolicyValueSteps(value: unknown): Steps<CheckedPolicy> {
  return yield* checkSteps(value, (path) => ({ path: readablePath(path) }));
}

/** Reads and checks a whole policy in one text, YAML or JSON. */
export function* parsePolicyTextSteps(text: string): Steps<PolicyText> {
  const read = yield* readYamlSteps(text, new Budget());
  if (!read.ok) return { ok: false, errors: read.faults.map((fault) => ({ ...fault, path: '' })) };
  const { value, placeOf } = read.text;
  const checked = yield* checkSteps(value, (path) => ({
    ...(path.length === 0 ? undefined : placeOf(path)),
    path: readablePath(path),
  }));
  return { ...checked, value };
}

/** As {@link parsePolicyTextSteps}, at once. */
export function parsePolicyText(text: string): PolicyText {
  return finish(parsePolicyTextSteps(text));
}

/** Checks a value, and adds its place to each error. */
export function* checkSteps<P>(
  value: unknown,
  placeOf: (path: Path) => P,
): Steps<CheckedPolicy<P & { readonly steps: Path; readonly message: string }>> {
  const shaped = yield* shapeSteps(value);
  const errors = shaped.ok ? yield* validateSteps(shaped.document) : shaped.errors;
  if (shaped.ok && errors.length === 0) return shaped;
  return {
    ok: false,
    errors: errors.map(({ path, message }) => ({ ...placeOf(path), steps: path, message })),
  };
}
