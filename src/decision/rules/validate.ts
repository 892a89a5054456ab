/** What a policy document must hold to mean anything: every rule that a JSON Schema cannot state. */
import { type Ingredient, ingredientsOf } from '../derivation.js';
import { eachQuoted, listOf } from '../lists.js';
import { nearest } from '../nearest.js';
import {
  ANY_REGION,
  CASE_CONDITIONS,
  CATEGORIES,
  type Category,
  DP_NOISE,
  type Field,
  type PolicyDocument,
  type Purpose,
  type Told,
  type Transform,
  type VisibilityGroup,
  dependenciesOf,
  languagesOf,
  lineageOf,
  restsOn,
  strictness,
} from '../policy.js';
import type { Steps } from '../steps.js';
import { groupsIn } from '../visibility.js';

/** One thing that is wrong with a document: where, and a sentence that says what to do. */
export type CompileError = {
  /** Keys and indexes from the root of the document. */
  readonly path: readonly (string | number)[];
  readonly message: string;
};

/**
 * Maximum number of purposes that must be open for one to be open, itself included. It also keeps the decision table
 * small.
 */
const MAX_DEPENDENCIES = 6;

/** Maximum number of fields that one is made of, directly and through others. */
const MAX_INGREDIENTS = 100;

/** Maximum number of combinations of levels at which a field is decided, and all derived ones together. */
const MAX_COMBINATIONS = 100;
const MAX_ALL_COMBINATIONS = 4_096;

/** Beyond this many, only the first ones help. */
const MAX_ERRORS = 100;

type Path = CompileError['path'];
/** Expensive messages are made only when they are reported. */
type Report = (path: Path, message: string | (() => string)) => void;

/** Collects the errors of a document: the first hundred, and how many more there are. */
export class ErrorList {
  private readonly told: CompileError[] = [];
  private untold = 0;

  readonly report: Report = (path, message) => {
    if (this.told.length === MAX_ERRORS) this.untold++;
    else this.told.push({ path, message: typeof message === 'string' ? message : message() });
  };

  all(): CompileError[] {
    if (this.untold === 0) return this.told;
    return [...this.told, { path: [], message: `and ${this.untold} more: correct these first` }];
  }
}

/** The entries of a document by their ids, and where to report errors. */
type Checked = {
  readonly document: PolicyDocument;
  readonly regimes: ReadonlyMap<string, unknown>;
  readonly obligations: ReadonlyMap<string, unknown>;
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly groups: ReadonlyMap<string, VisibilityGroup>;
  readonly transforms: ReadonlyMap<string, Transform>;
  readonly fields: ReadonlyMap<string, Field>;
  readonly removed: ReadonlyMap<string, unknown>;
  readonly report: Report;
};

/**
 * Everything that is wrong with a document; empty when it is sound.
 *
 * INVARIANT: the document has the shape of `policies/policy.schema.json`; this checks its meaning alone. It must not
 * change meanwhile.
 */
export function* validateSteps(document: PolicyDocument): Steps<CompileError[]> {
  const errors = new ErrorList();
  const { report } = errors;
  const checked = {
    document,
    regimes: unique(document.regimes, 'regimes', 'regime', report),
    obligations: unique(document.obligations, 'obligations', 'obligation', report),
    purposes: unique(document.purposes, 'purposes', 'purpose', report),
    groups: unique(document.visibility ?? [], 'visibility', 'visibility group', report),
    transforms: unique(document.transforms ?? [], 'transforms', 'transform', report),
    fields: unique(document.fields, 'fields', 'field', report),
    removed: unique(document.removed ?? [], 'removed', 'removed field', report),
    report,
  };
  unique(document.categories ?? [], 'categories', 'category', report);
  validateClients(checked);
  validateRegions(checked);
  for (const [index, purpose] of document.purposes.entries()) {
    validatePlace(checked, purpose, index);
    validateSettings(checked, purpose, index);
    validateLapses(checked, purpose, index);
    validateFacts(checked, purpose, index);
    validateTerms(checked, purpose, index);
    yield;
  }
  for (const [index, group] of (document.visibility ?? []).entries()) {
    validateGroup(checked, group, index);
    yield;
  }
  for (const [index, transform] of (document.transforms ?? []).entries())
    validateTransform(checked, transform, index);
  let combinations = 0;
  for (const [index, field] of document.fields.entries()) {
    validateField(checked, field, index);
    combinations += validateDerivation(checked, field, index);
    yield;
  }
  if (combinations > MAX_ALL_COMBINATIONS)
    report(
      ['fields'],
      `derived fields have ${combinations} combinations of levels of visibility groups, and there can be at most ${MAX_ALL_COMBINATIONS}: make fewer fields of data from several groups`,
    );
  for (const [index, { visibility }] of (document.removed ?? []).entries())
    visibility?.forEach((id, at) => {
      if (!checked.groups.has(id))
        report(
          ['removed', index, 'visibility', at],
          `there is no visibility group \`${id}\`: correct the name; where the group is gone, remove it here and add the categories of its levels to \`categories\``,
        );
    });
  validateOverlays(checked);
  validateFloor(checked);
  yield* validateLanguages(document, report);
  return errors.all();
}

/** Its parent and the purposes it requires. */
function validatePlace({ purposes, report }: Checked, purpose: Purpose, index: number): void {
  const path = ['purposes', index];
  const astray = purpose.parent !== undefined && !purposes.has(purpose.parent);
  if (astray) report([...path, 'parent'], unknown('purpose', purpose.parent, purposes));
  const above = astray ? undefined : dottedParent(purpose.id, purposes);
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
  const circle = circleOf(purpose.id, (id) => restsOn(purposes.get(id)));
  if (circle !== undefined)
    report(
      path,
      `\`${purpose.id}\` depends on itself through \`parent\` and \`requires\`, ${circle}: break the circle`,
    );
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
    if (!regimes.has(regime)) report([...path, regime], unknown('regime', regime, regimes));
  const strictest = purpose.settings[document.unknown_regime];
  for (const [regime, setting] of Object.entries(purpose.settings))
    if (strictest !== undefined && strictness(setting) > strictness(strictest))
      report(
        [...path, document.unknown_regime],
        `\`${purpose.id}\` is ${strictest} in \`${document.unknown_regime}\`, the regime of users whose region is unknown, but ${setting} in \`${regime}\`: users of unknown region must get the strictest, so make it ${setting} there too`,
      );
}

/** Only a consent lapses: elsewhere a grant is nothing that the purpose needs. */
function validateLapses({ regimes, report }: Checked, purpose: Purpose, index: number): void {
  const path = ['purposes', index, 'lapses_after'];
  for (const regime of Object.keys(purpose.lapses_after ?? {})) {
    const setting = purpose.settings[regime];
    if (!regimes.has(regime)) report([...path, regime], unknown('regime', regime, regimes));
    else if (setting !== undefined && setting !== 'opt_in')
      report(
        [...path, regime],
        `\`${purpose.id}\` is ${setting} in \`${regime}\`, where no consent is needed that could lapse: remove it, or make the purpose opt_in there`,
      );
  }
}

/** What is said of a purpose for those who answer for it. */
function validateFacts({ regimes, report }: Checked, purpose: Purpose, index: number): void {
  const path = ['purposes', index];
  for (const regime of Object.keys(purpose.legal_basis ?? {}))
    if (!regimes.has(regime)) report([...path, 'legal_basis', regime], unknown('regime', regime, regimes));
  if (purpose.review_by !== undefined && !isDay(purpose.review_by))
    report([...path, 'review_by'], `there is no day \`${purpose.review_by}\`: correct it`);
}

/** The data it may read, and its terms. */
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
  if (purpose.dp_budget !== undefined && purpose.obligations?.includes(DP_NOISE) !== true)
    report(
      [...path, 'dp_budget'],
      `\`${purpose.id}\` has a privacy budget, but is not obliged to \`${DP_NOISE}\`, which it pays for: add the obligation, or remove the budget`,
    );
  const needsCase = purpose.conditions?.find((condition) => CASE_CONDITIONS.has(condition));
  if (needsCase !== undefined && purpose.conditions?.includes('case_id') === false)
    report([...path, 'conditions'], `\`${needsCase}\` is a property of a case: add \`case_id\``);
}

/** Levels that only ever get stricter, and a default for everybody. */
function validateGroup({ document, regimes, report }: Checked, group: VisibilityGroup, index: number): void {
  const path = ['visibility', index];
  const levels = new Map<string, number>();
  for (const [place, { id, category }] of group.levels.entries()) {
    const at = [...path, 'levels', place];
    if (levels.has(id)) report([...at, 'id'], `the level \`${id}\` is listed twice: remove or rename one`);
    else levels.set(id, place);
    const wider = group.levels[place - 1];
    if (wider !== undefined && rankOf(category) < rankOf(wider.category))
      report(
        [...at, 'category'],
        `\`${id}\` makes data \`${category}\`, and the wider level \`${wider.id}\` makes it \`${wider.category}\`: a level is as strict as the wider ones or stricter, so put the levels in order, the widest first, or give it another category`,
      );
  }
  const placeOf = (level: string | undefined) => levels.get(level ?? '') ?? -1;
  for (const [age, defaults] of Object.entries(group.defaults)) {
    const at = [...path, 'defaults', age];
    for (const regime of regimes.keys())
      if (defaults[regime] === undefined)
        report(at, `\`${group.id}\` has no default for \`${regime}\`: add one of its levels`);
    const strictest = defaults[document.unknown_regime];
    for (const [regime, level] of Object.entries(defaults)) {
      if (!regimes.has(regime)) report([...at, regime], unknown('regime', regime, regimes));
      if (!levels.has(level)) report([...at, regime], unknown('level', level, levels));
      else if (strictest !== undefined && placeOf(level) > placeOf(strictest))
        report(
          [...at, document.unknown_regime],
          `the default of \`${group.id}\` is \`${strictest}\` in \`${document.unknown_regime}\`, the regime of users whose region is unknown, but \`${level}\` in \`${regime}\`: users of unknown region must get the strictest, so make it \`${level}\` there too`,
        );
      const grown = group.defaults.adult[regime];
      if (age !== 'adult' && placeOf(level) < placeOf(grown))
        report(
          [...at, regime],
          `the default of \`${group.id}\` in \`${regime}\` is wider for minors, \`${level}\`, than for adults, \`${grown}\`: make it \`${grown}\` or stricter`,
        );
    }
  }
}

/** How strict a category is as that of a level. */
function rankOf(category: Category): number {
  return CATEGORIES.indexOf(category);
}

/** Its group: no level of it may make the field less strict than it is. */
function validateVisibility({ groups, report }: Checked, field: Field, index: number): void {
  if (field.visibility === undefined) return;
  const path = ['fields', index, 'visibility'];
  const group = groups.get(field.visibility);
  if (group === undefined) report(path, unknown('visibility group', field.visibility, groups));
  const [widest] = group?.levels ?? [];
  if (
    widest !== undefined &&
    field.category !== undefined &&
    field.category !== 'unclassified' &&
    rankOf(widest.category) < rankOf(field.category)
  )
    report(
      path,
      `\`${field.id}\` is \`${field.category}\`, and the level \`${widest.id}\` of \`${field.visibility}\` would make it \`${widest.category}\`: levels only make data stricter, so put it in another group, or make the level \`${field.category}\``,
    );
}

function validateTransform({ report }: Checked, { id, release }: Transform, index: number): void {
  if (release === undefined) return;
  const { method, at_least, by } = release;
  const path = ['transforms', index, 'release'];
  const [needed, other] =
    method === 'aggregate' ? (['at_least', 'by'] as const) : (['by', 'at_least'] as const);
  if (release[needed] === undefined)
    report(
      path,
      method === 'aggregate'
        ? `\`${id}\` releases aggregates, but does not say of how many users: add \`at_least\``
        : `\`${id}\` releases de-identified data, but does not say how it is de-identified: add \`by\``,
    );
  if ((method === 'aggregate' ? by : at_least) !== undefined)
    report([...path, other], `\`${other}\` has no meaning for the method \`${method}\`: remove it`);
}

/**
 * What it is made of, if it is derived, and what it has by itself, if not.
 *
 * @returns how many combinations of levels it has, if it is derived
 */
function validateDerivation(checked: Checked, field: Field, index: number): number {
  const { removed, report } = checked;
  const { id, category, provenance, derived_from, transform, release, replaces } = field;
  const path = ['fields', index];
  if (replaces !== undefined && !removed.has(replaces))
    report([...path, 'replaces'], unknown('removed field', replaces, removed));
  if (derived_from === undefined) {
    if (category === undefined)
      report(path, '`category` is missing: add it, or name in `derived_from` what the field is made of');
    if (provenance === undefined)
      report(path, '`provenance` is missing: add it, or name in `derived_from` what the field is made of');
    for (const [name, value] of Object.entries({ transform, release }))
      if (value !== undefined)
        report(
          [...path, name],
          `\`${id}\` is made of nothing, so \`${name}\` has no meaning: name its sources in \`derived_from\`, or remove it`,
        );
    return 0;
  }
  for (const [name, value] of Object.entries({ category, provenance }))
    if (value !== undefined)
      report(
        [...path, name],
        `\`${id}\` is made of others, so its ${name} follows from theirs: remove \`${name}\`${name === 'category' ? ', or give it one of its own in `release` if its transform releases' : ''}`,
      );
  if (field.visibility !== undefined)
    report(
      [...path, 'visibility'],
      `\`${id}\` is made of others, so the visibility of those holds for it: remove \`visibility\``,
    );
  validateMaking(checked, field, index);
  return validateIngredients(checked, field, index);
}

/** The transform that makes it, and whether it is released. */
function validateMaking({ transforms, obligations, report }: Checked, field: Field, index: number): void {
  const { id, transform, release } = field;
  const path = ['fields', index];
  const made = transforms.get(transform ?? '');
  if (transform === undefined)
    report(path, `\`${id}\` is made of others, but not how: name its \`transform\``);
  else if (made === undefined) report([...path, 'transform'], unknown('transform', transform, transforms));
  else if (made.release !== undefined && release === undefined)
    report(
      path,
      `the transform \`${transform}\` releases, but \`${id}\` does not say what it is then: add \`release\` with \`category\`, \`reason\` and \`review\``,
    );
  else if (made.release === undefined && release !== undefined)
    report(
      [...path, 'release'],
      `the transform \`${transform}\` does not release, so \`${id}\` may be used only for what its sources may be used for: remove \`release\`, or say in the transform how it releases`,
    );
  if (release === undefined) return;
  reportUnknown('obligation', obligations, [...path, 'release', 'obligations'], release.obligations, report);
  if (!isDay(release.review))
    report([...path, 'release', 'review'], `there is no day \`${release.review}\`: correct it`);
}

/** Whether it is a day of the calendar. @param text of the form YYYY-MM-DD */
function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** @returns how many combinations of levels it has */
function validateIngredients({ fields, groups, report }: Checked, field: Field, index: number): number {
  const { id, derived_from = [] } = field;
  const path = ['fields', index];
  reportUnknown('field', fields, [...path, 'derived_from'], derived_from, report);
  // the field itself, and others once whole and once beyond a release
  const made = ingredientsOf(field, (one) => fields.get(one), 1 + 2 * MAX_INGREDIENTS);
  const circle = circleFrom(field, made, fields);
  if (circle !== undefined) {
    report([...path, 'derived_from'], `\`${id}\` is made of itself, ${circle}: break the circle`);
    return 0;
  }
  if (new Set(made.map((one) => one.field.id)).size > 1 + MAX_INGREDIENTS) {
    report(
      [...path, 'derived_from'],
      `\`${id}\` is made of more than ${MAX_INGREDIENTS} fields, directly and through others: make it of fewer`,
    );
    return 0;
  }
  const own = groupsIn(made);
  const combinations = own.reduce((product, group) => product * (groups.get(group)?.levels.length ?? 1), 1);
  if (combinations <= MAX_COMBINATIONS) return combinations;
  report(
    [...path, 'derived_from'],
    `\`${id}\` is made of data of the visibility groups ${listOf(eachQuoted(own), 'and')}, whose levels have ${combinations} combinations, and there can be at most ${MAX_COMBINATIONS}: make it of data of fewer groups`,
  );
  return 0;
}

/** The shortest cycle from a field to itself, as text; `undefined`: there is none. */
function circleFrom(
  field: Field,
  made: readonly Ingredient[],
  fields: ReadonlyMap<string, Field>,
): string | undefined {
  if (!made.some((one) => one.field.derived_from?.includes(field.id) === true)) return undefined;
  return circleOf(field.id, (id) => fields.get(id)?.derived_from ?? []);
}

function validateField(checked: Checked, field: Field, index: number): void {
  const { purposes, report } = checked;
  validateVisibility(checked, field, index);
  reportUnknown('purpose', purposes, ['fields', index, 'never'], field.never, report);
  reportUnknown('purpose', purposes, ['fields', index, 'only'], field.only, report);
  const { never = [], only: allowed = [] } = field;
  if (never.length === 0) return;
  /** Per purpose from the prohibited ones upwards, which of these closes it. */
  const closedBy = new Map(never.flatMap((id) => upwards(id, purposes).map((above) => [above, id])));
  const prohibited = new Set(never);
  allowed.forEach((only, at) => {
    const barred = closedBy.get(only) ?? upwards(only, purposes).find((above) => prohibited.has(above));
    if (barred !== undefined)
      report(
        ['fields', index, 'only', at],
        `\`${field.id}\` is open to \`${only}\` alone and never to \`${barred}\`, which covers it: remove one of the two`,
      );
  });
}

/** Texts are translated to languages of the policy alone, and a translation says what there is to translate. */
function* validateLanguages(document: PolicyDocument, report: Report): Steps<void> {
  const [first, ...others] = languagesOf(document);
  const known = new Map(others.map((language) => [language, language]));
  const groups = document.visibility ?? [];
  const sections: readonly (readonly [place: Path, entries: readonly Told[]])[] = [
    [['regimes'], document.regimes],
    [['obligations'], document.obligations],
    [['categories'], document.categories ?? []],
    [['purposes'], document.purposes],
    [['visibility'], groups],
    ...groups.map(({ levels }, group) => [['visibility', group, 'levels'], levels] as const),
    [['transforms'], document.transforms ?? []],
    [['fields'], document.fields],
  ];
  for (const [section, entries] of sections)
    for (const [index, entry] of entries.entries()) {
      const path = [...section, index, 'translations'];
      for (const [language, { description }] of Object.entries(entry.translations ?? {}))
        if (language === first)
          report(
            [...path, language],
            `the texts of the policy are written in \`${language}\`: remove the translation`,
          );
        else if (!known.has(language)) report([...path, language], unknown('language', language, known));
        else if (entry.description === undefined && description !== undefined)
          report(
            [...path, language, 'description'],
            `\`${entry.id}\` has no description that this could translate: remove it, or write that one first`,
          );
      yield;
    }
}

/** The clients. People would take ids that differ only in case for one service. */
function validateClients({ document: { clients = [] }, purposes, report }: Checked): void {
  const known = new Map<string, string>();
  for (const [index, { id, purposes: list }] of clients.entries()) {
    const path = ['clients', index];
    const folded = id.toLowerCase();
    const other = known.get(folded);
    if (other === id) report([...path, 'id'], `the client \`${id}\` is listed twice: remove or rename one`);
    else if (other !== undefined)
      report(
        [...path, 'id'],
        `the clients \`${other}\` and \`${id}\` differ in the case of letters alone: remove or rename one`,
      );
    known.set(folded, id);
    reportUnknown('purpose', purposes, [...path, 'purposes'], list, report);
  }
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

/** Reports the unknown ids of a list. */
function reportUnknown(
  what: string,
  known: ReadonlyMap<string, unknown>,
  path: Path,
  list: readonly string[] | undefined,
  report: Report,
): void {
  list?.forEach((id, index) => {
    if (!known.has(id)) report([...path, index], unknown(what, id, known));
  });
}

function unknown(what: string, id: string, known: ReadonlyMap<string, unknown>): () => string {
  return () => {
    const meant = nearest(id, known.keys());
    return meant === undefined
      ? `there is no ${what} \`${id}\`: correct the name, or add the ${what}`
      : `there is no ${what} \`${id}\`: did you mean \`${meant}\`, or should the ${what} be added?`;
  };
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
      report([section, index, 'id'], `the ${what} \`${entry.id}\` is listed twice: remove or rename one`);
    else byId.set(entry.id, entry);
  });
  return byId;
}

function validateRegions({ document, regimes, report }: Checked): void {
  if (!regimes.has(document.unknown_regime))
    report(['unknown_regime'], unknown('regime', document.unknown_regime, regimes));
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

/** The purpose and its ancestors, nearest first, as far up as those of a sound purpose go. */
function upwards(id: string, purposes: ReadonlyMap<string, Purpose>): string[] {
  const line: string[] = [];
  let at: string | undefined = id;
  for (; at !== undefined && line.length < MAX_DEPENDENCIES; at = purposes.get(at)?.parent) line.push(at);
  return line;
}

/** The shortest cycle from an entry to itself, as text; `undefined` when there is none. */
function circleOf(id: string, nextOf: (id: string) => readonly string[]): string | undefined {
  const before = new Map([[id, id]]);
  // items added to a map during iteration are visited too
  for (const at of before.keys())
    for (const next of nextOf(at)) {
      if (next === id) return wayTo(at, id, before);
      if (!before.has(next)) before.set(next, at);
    }
  return undefined;
}

/** A cycle as text; a long one is shortened. */
function wayTo(last: string, id: string, before: ReadonlyMap<string, string>): string {
  const way = [id];
  for (let at: string | undefined = last; at !== undefined && at !== id; at = before.get(at)) way.unshift(at);
  const told = way.length > MAX_DEPENDENCIES ? [...way.slice(0, MAX_DEPENDENCIES - 1), '…', id] : way;
  return [id, ...told].map((step) => (step === '…' ? step : `\`${step}\``)).join(' → ');
}
