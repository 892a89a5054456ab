/** What the service would say about the text of a draft, found while somebody types. */
import { type FloorProofs, crossingIn } from '../../../src/decision/comparison/crossing.js';
import { changeOfFloor, floorOf, proveFloor } from '../../../src/decision/comparison/floor.js';
import { sentenceOfFloorStep, sentenceOfViolation } from '../../../src/decision/comparison/sentences.js';
import type { PolicyDocument } from '../../../src/decision/policy.js';
import { compileSteps } from '../../../src/decision/rules/compile.js';
import type { Steps } from '../../../src/decision/steps.js';
import type { DecisionTable } from '../../../src/decision/table/table.js';
import { tabulateSteps } from '../../../src/decision/table/tabulate.js';
import { Budget, type Path, type YamlText, readYamlSteps } from '../../../src/policy/text/policy-yaml.js';
import { readablePath } from '../../../src/policy/text/quoting.js';
import { shapeSteps } from './shape.js';

/** Something to correct or to think about, and where it stands. */
export type Finding = {
  /** From 1; absent: it is about the text as a whole. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** As `purposes[3].settings.UK`; empty: the whole. */
  readonly path: string;
  readonly message: string;
};

/** The ids that a text has, for those that want to name one. */
export type Names = Readonly<Record<NamedSection, readonly string[]>>;
export const NAMED_SECTIONS = [
  'regimes',
  'obligations',
  'purposes',
  'fields',
  'visibility',
  'transforms',
  'languages',
] as const;
export type NamedSection = (typeof NAMED_SECTIONS)[number];

/** Settings by purpose and law. */
export type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export type Verdict = {
  /** Empty: the draft compiles. */
  readonly errors: readonly Finding[];
  /** Absent: the text cannot be read as YAML, so it cannot be saved. */
  readonly names?: Names;
  /** Of each purpose by law, as the text has them; absent with the names. */
  readonly settings?: Settings;
  /** Absent: there are errors, so nothing is proved. */
  readonly floor?: FloorVerdict;
};

export type FloorVerdict = {
  /** Questions that were examined. */
  readonly cells: number;
  /** Who may read what under which circumstances that nobody ever may, as a sentence; absent: the floor holds. */
  readonly broken?: string;
  /** What the text takes off the floor of the version that it follows: sentences. */
  readonly lowered: readonly string[];
  /** The first of what that opens, each with a counterexample: sentences. */
  readonly opens: readonly string[];
};

/** A text that was checked, and compiles. */
export type Checked = { readonly table: DecisionTable; readonly placeOf: YamlText['placeOf'] };

/** What is wrong with a text, and whether the floor holds; and what lints need. */
export function* checkSteps(
  text: string,
  base: PolicyDocument,
): Steps<{ readonly verdict: Verdict; readonly checked?: Checked }> {
  const read = yield* readYamlSteps(text, new Budget());
  if (!read.ok) return { verdict: { errors: read.faults.map((fault) => ({ ...fault, path: '' })) } };
  const { value, placeOf } = read.text;
  const names = namesIn(value);
  const settings = settingsIn(value);
  const shaped = yield* shapeSteps(value);
  const compiled = shaped.ok ? yield* compileSteps(shaped.document) : shaped;
  if (!compiled.ok)
    return {
      verdict: { names, settings, errors: inOrder(compiled.errors.map((one) => findingOf(one, placeOf))) },
    };
  const table = yield* tabulateSteps(compiled.policy);
  const floor = yield* floorSteps(table, base);
  return { verdict: { names, settings, errors: [], floor }, checked: { table, placeOf } };
}

/** More would not be read. */
const MOST_OPENED = 5;

function* floorSteps(table: DecisionTable, base: PolicyDocument): Steps<FloorVerdict> {
  const { document } = table.policy;
  const [own, ofBase] = [floorOf(document), floorOf(base)];
  // most texts keep both, and both are proved in one pass over the table
  const both = yield* proveFloor(table, [...own, ...ofBase]);
  const change = yield* changeOfFloor(base, document);
  const lowered = change.lowered.map((step) => sentenceOfFloorStep(step, 'lowered'));
  if (both.holds) return { cells: both.cells, lowered, opens: [] };
  const proofs: FloorProofs = { own: yield* proveFloor(table, own), base: yield* proveFloor(table, ofBase) };
  const crossing = crossingIn(proofs, change);
  return {
    cells: both.cells,
    lowered,
    opens: proofs.base.violations.slice(0, MOST_OPENED).map(sentenceOfViolation),
    ...(crossing === undefined ? {} : { broken: sentenceOfViolation(crossing) }),
  };
}

export function findingOf(
  { path, message }: { readonly path: Path; readonly message: string },
  placeOf: YamlText['placeOf'],
): Finding {
  return { ...(path.length === 0 ? {} : placeOf(path)), path: readablePath(path), message };
}

/** As they stand in the text; what is about the whole comes last. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((one, other) => (one.line ?? Infinity) - (other.line ?? Infinity) || 0);
}

function namesIn(value: unknown): Names {
  const idsOf = (section: NamedSection) => {
    const { [section]: list }: Readonly<Record<string, unknown>> = Object(value);
    return (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
      const { id = entry }: { readonly id?: unknown } = Object(entry);
      return typeof id === 'string' ? [id] : [];
    });
  };
  return {
    regimes: idsOf('regimes'),
    obligations: idsOf('obligations'),
    purposes: idsOf('purposes'),
    fields: idsOf('fields'),
    visibility: idsOf('visibility'),
    transforms: idsOf('transforms'),
    languages: idsOf('languages'),
  };
}

function settingsIn(value: unknown): Settings {
  const { purposes }: { readonly purposes?: unknown } = Object(value);
  return Object.fromEntries(
    (Array.isArray(purposes) ? purposes : []).flatMap((entry: unknown) => {
      const { id, settings }: { readonly id?: unknown; readonly settings?: unknown } = Object(entry);
      return typeof id === 'string' ? [[id, { ...Object(settings) }]] : [];
    }),
  );
}
