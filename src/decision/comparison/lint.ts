/**
 * What is probably not meant in a policy that compiles: rules that can never matter, texts that tell users nothing, and
 * changes that do more than they seem to. A finding forbids nothing; a person should look at it before the policy is
 * live.
 *
 * The decision table shows whether a rule can matter; no rule is evaluated here a second time.
 */
import { ownCategory } from '../derivation.js';
import { changeOfFloor } from './floor.js';
import { eachQuoted, listOf } from '../lists.js';
import { isOfACountry, placeOf } from '../places.js';
import {
  ANY_REGION,
  DP_NOISE,
  type Field,
  type PolicyDocument,
  type Purpose,
  dependenciesOf,
  lawsByPlace,
  regimesHearingGpc,
} from '../policy.js';
import { type Reach, reachOf } from './reach.js';
import type { Steps } from '../steps.js';
import type { DecisionTable } from '../table/table.js';
import { type Lint, type LintCode, named } from './lint-codes.js';
import { lintPurposeFacts } from './lint-purpose-facts.js';
import { lintMissing, lintTranslations } from './lint-translations.js';
import { type FieldAtLevel, fieldIn, nameAt } from '../visibility.js';

/** A shorter description cannot say what is used, for what, and what it changes. */
const SHORTEST_DESCRIPTION = 40;
/**
 * All findings about a version.
 *
 * @param before the document that it is to follow; without it, there are no findings about changes
 * @param today YYYY-MM-DD; without it, nothing is overdue
 */
export function* lintSteps(table: DecisionTable, before?: PolicyDocument, today = ''): Steps<Lint[]> {
  const { document, atLevels } = table.policy;
  const reach = yield* reachOf(table);
  const lints = [...lintRegimes(document), ...lintPlaces(document), ...lintObligations(document)];
  /** By field, 1 where some purpose may read it. */
  const read = new Uint8Array(document.fields.length);
  /** Purposes that may read some field of somebody. */
  const readers = new Set<string>();
  for (const [place, purpose] of document.purposes.entries()) {
    const path = ['purposes', place];
    const open = atLevels.all.filter((_, at) => table.isOpenAt(place, at));
    lints.push(...lintDescription(purpose, path), ...lintTerms(purpose, open, reach, path));
    lints.push(...lintBudget(purpose, path), ...lintPurposeFacts(document, purpose, today, path));
    lints.push(...lintOptIn(document, purpose, table.policy.purposes, reach, path));
    for (let field = 0; field < read.length; field++)
      if (reach.mayRead(place, field)) {
        read[field] = 1;
        readers.add(purpose.id);
      }
    yield;
  }
  for (const [place, field] of document.fields.entries()) {
    lints.push(...lintField(table, field, read[place] === 1, ['fields', place]));
    lints.push(...lintRelease(table, field, reach, today, ['fields', place, 'release']));
    yield;
  }
  lints.push(...(yield* lintMissing(document)));
  lints.push(...lintVisibility(table, reach));
  lints.push(...lintClients(document, readers), ...lintOverlays(document, reach));
  if (before !== undefined) {
    lints.push(...(yield* lintNewFields(table, before, reach)));
    lints.push(...(yield* lintFloorFields(document, before)));
    lints.push(...(yield* lintTranslations(document, before)));
  }
  return lints;
}

function lintRegimes({ regimes, unknown_regime }: PolicyDocument): Lint[] {
  return regimes.flatMap(({ id, regions }, place) => {
    // users of unknown region are still decided by its settings
    if (regions.length > 0 || id === unknown_regime) return [];
    const message = `no user can live under \`${id}\`: list its regions, or remove it`;
    return [{ code: 'regime_without_regions', path: ['regimes', place, 'regions'], message }];
  });
}

/** Clients that can ask for nothing useful, and purposes that nobody asks for. */
function lintClients(
  { clients = [], unlisted_clients, purposes }: PolicyDocument,
  readers: ReadonlySet<string>,
): Lint[] {
  const lints = clients.flatMap(({ id, purposes: asked, scopes }, client): Lint[] => {
    const unread = asked.filter((purpose) => !readers.has(purpose));
    if (scopes.length === 0 && unread.length === asked.length) {
      const because =
        asked.length === 0
          ? 'may ask for nothing and do nothing'
          : `may ask for nothing that is ever open: ${named(unread)} can never read anything`;
      const message = `client \`${id}\` ${because}; list what it asks for, or remove it`;
      return [{ code: 'client_unopened', path: ['clients', client], message }];
    }
    return unread.map((purpose) => ({
      code: 'client_purpose_unread',
      path: ['clients', client, 'purposes', asked.indexOf(purpose)],
      message: `client \`${id}\` may ask for \`${purpose}\`, which can never read anything: open the purpose to a field, or take it from the list`,
    }));
  });
  // other clients may still ask if their tokens say so
  if (unlisted_clients !== 'refuse') return lints;
  const asked = new Set(clients.flatMap((client) => client.purposes));
  for (const [place, { id }] of purposes.entries())
    if (readers.has(id) && !asked.has(id))
      lints.push({
        code: 'purpose_unasked',
        path: ['purposes', place],
        message: `no client may ask for \`${id}\`, and those that are not listed are refused: list it for the client that needs it, or remove it`,
      });
  return lints;
}

/** Codes of one place under two laws, and of no place at all. */
function lintPlaces(document: PolicyDocument): Lint[] {
  const laws = lawsByPlace(document);
  return document.regimes.flatMap(({ id, regions }, regime) =>
    regions.flatMap((region, at): Lint[] => {
      if (region === ANY_REGION) return [];
      const path = ['regimes', regime, 'regions', at];
      if (!isOfACountry(region)) {
        const message = `no country has the code \`${region}\`, so no user can live there: correct it, or remove it`;
        return [{ code: 'region_unknown', path, message }];
      }
      return [...(laws.get(placeOf(region)) ?? [])]
        .filter(([other]) => document.regimes.slice(0, regime).some((before) => before.id === other))
        .map(([other, code]) => ({
          code: 'place_under_two_laws',
          path,
          message: `\`${region}\` in \`${id}\` and \`${code}\` in \`${other}\` name one place: move one of them; until then its people are decided as if nobody knew where they live`,
        }));
    }),
  );
}

function lintObligations({ obligations, purposes, fields }: PolicyDocument): Lint[] {
  const used = new Set([
    ...purposes.flatMap((purpose) => purpose.obligations ?? []),
    ...fields.flatMap(({ release }) => release?.obligations ?? []),
  ]);
  return obligations.flatMap(({ id }, place) => {
    if (used.has(id)) return [];
    const message = `no purpose has the obligation \`${id}\`: add it where it belongs, or remove it`;
    return [{ code: 'obligation_unused', path: ['obligations', place], message }];
  });
}

/** The texts for users. */
function lintDescription({ id, title, description }: Purpose, path: Lint['path']): Lint[] {
  const found = (code: LintCode, problem: string): Lint[] => [
    {
      code,
      path: [...path, 'description'],
      message: `the description of \`${id}\` ${problem}: tell users which of their data is used for what, and what changes when it is off`,
    },
  ];
  const titled = new Set(wordsOf(title));
  const words = wordsOf(description);
  if (words.length === 0) return found('description_missing', 'is empty');
  if (words.every((word) => titled.has(word)))
    return found('description_repeats_title', 'only repeats the title');
  if (description.trim().length < SHORTEST_DESCRIPTION)
    return found('description_short', `has fewer than ${SHORTEST_DESCRIPTION} characters`);
  return [];
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Noise without a budget: the client gives out no figure that nobody paid for. */
function lintBudget({ id, obligations = [], dp_budget: budget }: Purpose, path: Lint['path']): Lint[] {
  if (budget !== undefined || !obligations.includes(DP_NOISE)) return [];
  const message = `\`${id}\` is obliged to \`${DP_NOISE}\`, but has no \`dp_budget\` to pay for figures: give it one, or remove the obligation`;
  return [{ code: 'budget_missing', path: [...path, 'obligations', obligations.indexOf(DP_NOISE)], message }];
}

/** The data that the purpose may read, and its terms. @param open what the policy itself opens to it */
function lintTerms(
  purpose: Purpose,
  open: readonly FieldAtLevel[],
  reach: Reach,
  path: Lint['path'],
): Lint[] {
  const { id, categories, provenance = [], conditions = [], obligations = [] } = purpose;
  const lints: Lint[] = [];
  for (const [place, category] of categories.entries())
    if (!open.some(({ categories }) => categories.includes(category)))
      lints.push({
        code: 'category_unread',
        path: [...path, 'categories', place],
        message: `\`${id}\` lists \`${category}\`, but no field of that category is open to it: remove the category, or look at its fields, at the floor and at the provenances that \`${id}\` reads`,
      });
  for (const [place, one] of provenance.entries())
    if (!open.some(({ parts }) => parts.some(({ provenance }) => provenance === one)))
      lints.push({
        code: 'provenance_unread',
        path: [...path, 'provenance', place],
        message: `\`${id}\` lists \`${one}\`, but no field that is open to it is of that provenance: remove the provenance, or open a field that has it`,
      });
  if (reach.opensIn(id).size === 0 && conditions.length + obligations.length > 0)
    lints.push({
      code: 'terms_unreachable',
      path: [...path, conditions.length > 0 ? 'conditions' : 'obligations'],
      message: `\`${id}\` is never open, so no decision gets to its conditions and obligations: remove them, or open the purpose somewhere`,
    });
  return lints;
}

/** Opt-ins whose choice cannot have an effect. */
function lintOptIn(
  { regimes }: PolicyDocument,
  { id, settings }: Purpose,
  purposes: ReadonlyMap<string, Purpose>,
  reach: Reach,
  path: Lint['path'],
): Lint[] {
  const counts = reach.countsIn(id);
  const asked = regimes.filter((regime) => settings[regime.id] === 'opt_in' && !counts.has(regime.id));
  if (asked.length === 0) return [];
  const closing = dependenciesOf(id, purposes).filter((dependency) =>
    asked.every((regime) => purposes.get(dependency)?.settings[regime.id] === 'never'),
  );
  const because = closing.length === 0 ? '' : `, because the setting there of ${named(closing)} is never`;
  const where = named(asked.map((regime) => regime.id));
  return [
    {
      code: 'opt_in_unreachable',
      path: [...path, 'settings'],
      message: `users in ${where} are asked to opt in to \`${id}\`, but nothing can be read by that${because}: make it never there, or open what it depends on and a field that it reads`,
    },
  ];
}

/** Who may read the field. @param read whether any purpose may */
function lintField(table: DecisionTable, field: Field, read: boolean, path: Lint['path']): Lint[] {
  const { id, category, only = [] } = field;
  const { unclassified } = table.policy.atLevels.all[table.fieldIndex(id) ?? -1] ?? {};
  if (unclassified !== undefined && unclassified !== id)
    return [
      {
        code: 'field_unused',
        path,
        message: `\`${id}\` is made of \`${unclassified}\`, which has no category, so nobody may read it: classify that one`,
      },
    ];
  if (category === 'unclassified')
    return [
      {
        code: 'field_unused',
        path,
        message: `\`${id}\` has no category, so nobody may read it: classify it`,
      },
    ];
  const lints: Lint[] = [];
  if (!read)
    lints.push({
      code: 'field_unused',
      path,
      message: `no purpose can ever read \`${id}\`: do not ${field.derived_from === undefined ? 'collect' : 'make'} it, or let a purpose read it`,
    });
  for (const [place, purpose] of only.entries()) {
    if (table.isOpen(table.purposeIndex(purpose) ?? -1, table.fieldIndex(id) ?? -1)) continue;
    lints.push({
      code: 'only_unread',
      path: [...path, 'only', place],
      message: `\`${id}\` is open to \`${purpose}\` by its \`only\`, but the floor or the categories and provenances of \`${purpose}\` keep it closed: remove it here, or let it read ${whatIs(table, field)}`,
    });
  }
  return lints;
}

/** Whom a release opens the field to, and whether somebody looks at it in time. */
function lintRelease(
  table: DecisionTable,
  { id, derived_from = [], release }: Field,
  reach: Reach,
  today: string,
  path: Lint['path'],
): Lint[] {
  if (release === undefined) return [];
  const lints: Lint[] = [];
  const mayRead = (purpose: number, field: string) => reach.mayRead(purpose, table.fieldIndex(field) ?? -1);
  const readers = table.policy.document.purposes.filter(
    (_, purpose) => mayRead(purpose, id) && !derived_from.some((source) => mayRead(purpose, source)),
  );
  if (readers.length > 0)
    lints.push({
      code: 'release_wider_than_sources',
      path,
      message: `\`${id}\` is released to ${named(readers.map((one) => one.id))}, which may read none of what it is made of: name in the \`only\` of the field those that shall read it, if not all shall`,
    });
  if (release.review < today)
    lints.push({
      code: 'release_overdue',
      path: [...path, 'review'],
      message: `the release of \`${id}\` was to be looked at again by ${release.review}: look at it, and give it another day or end it`,
    });
  return lints;
}

function whatIs(table: DecisionTable, { id }: Field): string {
  const { categories, provenance } = table.policy.atLevels.dataOf(id);
  return `${listOf(eachQuoted(categories), 'and')} fields of provenance \`${provenance}\``;
}

/** Groups without fields, and levels at which data is of no use. */
function lintVisibility({ policy: { document, atLevels } }: DecisionTable, reach: Reach): Lint[] {
  return (document.visibility ?? []).flatMap(({ id, levels }, group): Lint[] => {
    const fields = document.fields.filter(({ visibility }) => visibility === id);
    const path = ['visibility', group];
    if (fields.length === 0) {
      const message = `no field is in the visibility group \`${id}\`, so what members set for it decides nothing: name it in the \`visibility\` of its fields, or remove it`;
      return [{ code: 'visibility_unused', path, message }];
    }
    return levels.flatMap((level, place): Lint[] => {
      const read = fields.some((field) => {
        const at = atLevels.placeOf(nameAt(field.id, level.id)) ?? -1;
        return document.purposes.some((_, purpose) => reach.mayReadAt(purpose, at));
      });
      if (read) return [];
      const message = `no purpose can ever read a field of \`${id}\` at the level \`${level.id}\`: do not offer the level, or let a purpose read \`${level.category}\` data as well as that of the wider levels`;
      return [{ code: 'level_unread', path: [...path, 'levels', place], message }];
    });
  });
}

/** What overlays close in addition to the settings. */
function lintOverlays(document: PolicyDocument, reach: Reach): Lint[] {
  const { minor_or_age_unknown: age, gpc } = document.overlays;
  const heardIn = regimesHearingGpc(document);
  return [
    ...age.never.flatMap((id, place): Lint[] => {
      if (reach.countsIn(id).size > 0) return [];
      const message = `\`${id}\` is closed for everyone already, so closing it for minors changes nothing: remove it, or open the purpose for adults`;
      return [
        { code: 'overlay_unreachable', path: ['overlays', 'minor_or_age_unknown', 'never', place], message },
      ];
    }),
    ...gpc.opt_out.flatMap((id, place): Lint[] => {
      if (heardIn.some((regime) => reach.countsIn(id).has(regime))) return [];
      const message = `\`${id}\` is closed already wherever the signal counts, so the signal changes nothing: remove it, or add the regimes in which the signal is to close it`;
      return [{ code: 'overlay_unreachable', path: ['overlays', 'gpc', 'opt_out', place], message }];
    }),
  ];
}

/** Fields that nobody could read before, in categories that purposes read already. */
function* lintNewFields(table: DecisionTable, before: PolicyDocument, reach: Reach): Steps<Lint[]> {
  const { purposes, fields } = table.policy.document;
  const known = new Set(
    before.fields.flatMap(({ id, category }) => (category === 'unclassified' ? [] : [id])),
  );
  const readBefore = new Map(before.purposes.map(({ id, categories }) => [id, new Set<string>(categories)]));
  const lints: Lint[] = [];
  for (const [place, field] of fields.entries()) {
    yield;
    const { id, only } = field;
    const category = ownCategory(field);
    // an `only` lists its purposes explicitly, and what is derived opens nothing that its sources do not
    if (known.has(id) || only !== undefined || category === undefined) continue;
    const readers = purposes.filter(
      (purpose, reader) => readBefore.get(purpose.id)?.has(category) === true && reach.mayRead(reader, place),
    );
    if (readers.length === 0) continue;
    const [read, those] =
      readers.length === 1 ? ['1 purpose reads', 'it'] : [`${readers.length} purposes read`, 'they'];
    lints.push({
      code: 'category_widened',
      path: ['fields', place],
      message: `\`${id}\` is new in \`${category}\`, which ${read} already, so ${those} may read it from the start: ${named(readers.map((one) => one.id))}; name in its \`only\` those that shall read it, if not all shall`,
    });
  }
  return lints;
}

/** Fields that left the floor of their category, and new ones that may be the same under another name. */
function* lintFloorFields(document: PolicyDocument, before: PolicyDocument): Steps<Lint[]> {
  const { lowered } = yield* changeOfFloor(before, document);
  const left = lowered.flatMap((step) => (step.kind === 'field' ? [step] : []));
  const moves = new Map(left.map((step) => [fieldIn(step.field), step]));
  const removed = left.filter(({ after }) => after === 'removed');
  const known = new Set(before.fields.map(({ id }) => id));
  const lints: Lint[] = [];
  for (const [place, field] of document.fields.entries()) {
    yield;
    const { id } = field;
    const category = ownCategory(field);
    const moved = moves.get(id);
    if (moved !== undefined)
      lints.push({
        code: 'floor_field_reclassified',
        path: ['fields', place, ...(field.category === undefined ? [] : ['category'])],
        message: `\`${moved.field}\` moves from \`${moved.before}\`, whose floor protects it, to \`${moved.after}\`: leave it where it was, unless it never held such data`,
      });
    const gone = removed.filter((step) => step.before !== category);
    if (known.has(id) || gone.length === 0 || category === undefined) continue;
    const categories = named([...new Set(gone.map((step) => step.before))]);
    lints.push({
      code: 'floor_field_replaced',
      path: ['fields', place],
      message: `\`${id}\` came in as \`${category}\` while ${named([...new Set(gone.map((step) => fieldIn(step.field)))])} went out from under the floor of ${categories}: if it holds any of the same data, give it the category it had`,
    });
  }
  return lints;
}
