/** What a policy document must hold to mean anything: every rule that a JSON Schema cannot state. */
import {
  ANY_REGION,
  CASE_CONDITIONS,
  type Field,
  type PolicyDocument,
  type Purpose,
  dependenciesOf,
  dependenciesOfAll,
  lineageOf,
  restsOn,
  strictness,
} from './policy.js';
import { type Steps, finish } from './steps.js';

/** One thing that is wrong with a document: where, and a sentence that says what to do. */
export type CompileError = {
  /** Keys and indexes from the root of the document. */
  readonly path: readonly (string | number)[];
  readonly message: string;
};

/** Most purposes that must be open for one to be open, itself included. Keeps the decision table small, too. */
const MAX_DEPENDENCIES = 6;

type Path = CompileError['path'];
type Report = (path: Path, message: string) => void;

/** The entries of a document by their ids, and where to report what is wrong with it. */
type Checked = {
  readonly document: PolicyDocument;
  readonly regimes: ReadonlyMap<string, unknown>;
  readonly obligations: ReadonlyMap<string, unknown>;
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly report: Report;
};

/**
 * Everything that is wrong with a document; empty when it is sound.
 *
 * INVARIANT: the document has the shape of `policies/policy.schema.json`; this checks its meaning alone.
 */
export function validate(document: PolicyDocument): CompileError[] {
  return finish(validateSteps(document));
}

/** As {@link validate}, in steps. The document must not change meanwhile. */
export function* validateSteps(document: PolicyDocument): Steps<CompileError[]> {
  const errors: CompileError[] = [];
  const report: Report = (path, message) => void errors.push({ path, message });
  const checked = {
    document,
    regimes: unique(document.regimes, 'regimes', 'regime', report),
    obligations: unique(document.obligations, 'obligations', 'obligation', report),
    purposes: unique(document.purposes, 'purposes', 'purpose', report),
    report,
  };
  unique(document.fields, 'fields', 'field', report);
  validateRegions(checked);
  for (const [index, purpose] of document.purposes.entries()) {
    validatePlace(checked, purpose, index);
    validateSettings(checked, purpose, index);
    validateTerms(checked, purpose, index);
    yield;
  }
  for (const [index, field] of document.fields.entries()) {
    validateField(checked, field, index);
    yield;
  }
  validateOverlays(checked);
  validateFloor(checked);
  return errors;
}

/** What the purpose lies below and requires. */
function validatePlace({ purposes, report }: Checked, purpose: Purpose, index: number): void {
  const path = ['purposes', index];
  if (purpose.parent !== undefined && !purposes.has(purpose.parent))
    report(
      [...path, 'parent'],
      `there is no purpose \`${purpose.parent}\`: correct the name, or add the purpose`,
    );
  const above = dottedParent(purpose.id, purposes);
  if (above !== undefined && !lineageOf(purpose.id, purposes).has(above))
    report(
      [...path, purpose.parent === undefined ? 'id' : 'parent'],
      `\`${purpose.id}\` lies below \`${above}\` by its name, but not by its \`parent\`: make \`${above}\` its parent or another ancestor, or rename it`,
    );
  reportUnknown('purpose', purposes, [...path, 'requires'], purpose.requires, report);
  const dependencies = dependenciesOf(purpose.id, purposes).length;
  if (dependencies > MAX_DEPENDENCIES)
    report(
      path,
      `\`${purpose.id}\` depends on ${dependencies - 1} other purposes through \`parent\` and \`requires\`: make it at most ${MAX_DEPENDENCIES - 1}; nobody could foresee what a choice does`,
    );
  if (dependenciesOfAll(restsOn(purpose), purposes).has(purpose.id))
    report(path, `\`${purpose.id}\` depends on itself through \`parent\` and \`requires\`: break the circle`);
}

/** Its setting in every regime. */
function validateSettings({ document, regimes, report }: Checked, purpose: Purpose, index: number): void {
  const path = ['purposes', index, 'settings'];
  for (const regime of regimes.keys())
    if (purpose.settings[regime] === undefined)
      report(
        path,
        `\`${purpose.id}\` has no setting for \`${regime}\`: add always, opt_out, opt_in or never`,
      );
  for (const regime of Object.keys(purpose.settings))
    if (!regimes.has(regime))
      report([...path, regime], `there is no regime \`${regime}\`: correct the name, or add the regime`);
  const strictest = purpose.settings[document.unknown_regime];
  for (const [regime, setting] of Object.entries(purpose.settings))
    if (strictest !== undefined && strictness(setting) > strictness(strictest))
      report(
        [...path, document.unknown_regime],
        `\`${purpose.id}\` is ${strictest} in \`${document.unknown_regime}\`, the regime of users whose region is unknown, but ${setting} in \`${regime}\`: users of unknown region must get the strictest, so make it ${setting} there too`,
      );
}

/** What it may read, and on what terms. */
function validateTerms({ document, obligations, report }: Checked, purpose: Purpose, index: number): void {
  const path = ['purposes', index];
  if (
    purpose.categories.includes('private_message') &&
    document.floor.private_message?.includes(purpose.id) === false
  )
    report(
      [...path, 'categories'],
      `\`${purpose.id}\` reads private messages, but the floor does not list it: remove the category; the floor opens only by its own ceremony`,
    );
  reportUnknown('obligation', obligations, [...path, 'obligations'], purpose.obligations, report);
  const needsCase = purpose.conditions?.find((condition) => CASE_CONDITIONS.has(condition));
  if (needsCase !== undefined && purpose.conditions?.includes('case_id') === false)
    report([...path, 'conditions'], `\`${needsCase}\` is a property of a case: add \`case_id\``);
}

function validateField({ purposes, report }: Checked, field: Field, index: number): void {
  reportUnknown('purpose', purposes, ['fields', index, 'never'], field.never, report);
  reportUnknown('purpose', purposes, ['fields', index, 'only'], field.only, report);
  field.only?.forEach((only, at) => {
    const lineage = lineageOf(only, purposes);
    const barred = field.never?.find((never) => lineage.has(never) || lineageOf(never, purposes).has(only));
    if (barred !== undefined)
      report(
        ['fields', index, 'only', at],
        `\`${field.id}\` is open to \`${only}\` alone and never to \`${barred}\`, which covers it: remove one of the two`,
      );
  });
}

function validateOverlays({ document, purposes, regimes, report }: Checked): void {
  const { minor_or_age_unknown, gpc } = document.overlays;
  const path = ['overlays', 'minor_or_age_unknown', 'never'];
  reportUnknown('purpose', purposes, path, minor_or_age_unknown.never, report);
  reportUnknown('purpose', purposes, ['overlays', 'gpc', 'opt_out'], gpc.opt_out, report);
  gpc.opt_out.forEach((id, index) => {
    if (purposes.get(id)?.settings[document.unknown_regime] === 'always')
      report(
        ['overlays', 'gpc', 'opt_out', index],
        `\`${id}\` is always on, so a signal cannot switch it off: remove it, or give the purpose another setting`,
      );
  });
  reportUnknown('regime', regimes, ['overlays', 'gpc', 'regimes'], gpc.regimes, report);
}

function validateFloor({ document, purposes, report }: Checked): void {
  for (const [category, list] of Object.entries(document.floor))
    reportUnknown('purpose', purposes, ['floor', category], list, report);
  if (document.floor.private_message === undefined)
    report(
      ['floor'],
      'private messages have no floor: list under `floor.private_message` the only purposes that may ever open them',
    );
}

/** Reports the ids of a list that nothing has. */
function reportUnknown(
  what: string,
  known: ReadonlyMap<string, unknown>,
  path: Path,
  list: readonly string[] | undefined,
  report: Report,
): void {
  list?.forEach((id, index) => {
    if (!known.has(id))
      report([...path, index], `there is no ${what} \`${id}\`: correct the name, or add the ${what}`);
  });
}

function unique<T extends { readonly id: string }>(
  entries: readonly T[],
  section: string,
  what: string,
  report: Report,
): Map<string, T> {
  const byId = new Map<string, T>();
  entries.forEach((entry, index) => {
    if (byId.has(entry.id))
      report([section, index, 'id'], `the ${what} \`${entry.id}\` stands twice: remove or rename one`);
    byId.set(entry.id, entry);
  });
  return byId;
}

function validateRegions({ document, regimes, report }: Checked): void {
  if (!regimes.has(document.unknown_regime))
    report(
      ['unknown_regime'],
      `there is no regime \`${document.unknown_regime}\`: name the strictest of the regimes`,
    );
  const takenBy = new Map<string, string>();
  document.regimes.forEach((regime, index) =>
    regime.regions.forEach((region, at) => {
      const taken = takenBy.get(region);
      if (taken !== undefined)
        report(
          ['regimes', index, 'regions', at],
          `the region \`${region}\` already lies in \`${taken}\`: keep it in one regime`,
        );
      takenBy.set(region, regime.id);
    }),
  );
  if (!takenBy.has(ANY_REGION))
    report(['regimes'], `no regime takes the rest of the world: give one the region '${ANY_REGION}'`);
}

/** The nearest purpose above by the dots of the name: `a.b` for `a.b.c`, else `a`. */
function dottedParent(id: string, purposes: ReadonlyMap<string, Purpose>): string | undefined {
  for (let dot = id.lastIndexOf('.'); dot > 0; dot = id.lastIndexOf('.', dot - 1))
    if (purposes.has(id.slice(0, dot))) return id.slice(0, dot);
  return undefined;
}
