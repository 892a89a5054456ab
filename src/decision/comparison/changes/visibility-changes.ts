/**
 * What changes about the level at which the fields of a group are. Cells are compared level by level, so they do not
 * show it.
 */
import { AGE_BANDS, type AgeBand } from '../../consent-event.js';
import { eachQuoted, listOf } from '../../lists.js';
import { type PolicyDocument, type VisibilityGroup, regimesOfDecisions } from '../../policy.js';
import type { DecisionTable } from '../../table/table.js';
import { defaultLevel, groupsOf, levelPlace } from '../../visibility.js';
import type { RegionClass } from '../user-states.js';

export type ChangeOfVisibility = {
  /** Absent: the change is of a field, which moves to another group. */
  readonly group?: string;
  readonly field?: string;
  /** Whether some data may come to a wider level. */
  readonly opens: boolean;
  /** Whether some data may come to a stricter level. */
  readonly closes: boolean;
  /** One line of plain text, ids in backticks. */
  readonly says: string;
};

/** What changes for the groups that both versions have, and for fields that move between groups. */
export function changesOfVisibility(
  before: DecisionTable,
  after: DecisionTable,
  regions: readonly RegionClass[],
): ChangeOfVisibility[] {
  const [was, is] = [before.policy.document, after.policy.document];
  const old = groupsOf(was);
  const changes: ChangeOfVisibility[] = [];
  for (const group of is.visibility ?? []) {
    const known = old.get(group.id);
    if (known === undefined) continue;
    if (namesOf(known) === namesOf(group)) changes.push(...changedDefaults(was, is, known, group, regions));
    else
      // what members and services say means something else from now on, and nobody can say what it opens
      changes.push({
        group: group.id,
        opens: true,
        closes: true,
        says: `the levels of \`${group.id}\` change from ${namesOf(known)} to ${namesOf(group)}: a level that members have set and that is gone is the strictest from now on`,
      });
  }
  return [...changes, ...movedFields(was, is)];
}

function namesOf({ levels }: VisibilityGroup): string {
  return eachQuoted(levels.map(({ id }) => id)).join(', ');
}

function changedDefaults(
  before: PolicyDocument,
  after: PolicyDocument,
  known: VisibilityGroup,
  group: VisibilityGroup,
  regions: readonly RegionClass[],
): ChangeOfVisibility[] {
  const [old, now] = [regimesOfDecisions(before), regimesOfDecisions(after)];
  /** Regimes by what changes in them. */
  const found = new Map<
    string,
    { readonly from: number; readonly to: number; readonly where: Set<string> }
  >();
  for (const { regimes } of regions)
    for (const age of AGE_BANDS) {
      const [was = '', is = ''] = [old[regimes[0] ?? -1], now[regimes[1] ?? -1]];
      const from = levelPlace(known, defaultLevel(before, known, was, age));
      const to = levelPlace(group, defaultLevel(after, group, is, age));
      if (from === to) continue;
      const key = `${age} ${from} ${to}`;
      const entry = found.get(key) ?? { from, to, where: new Set() };
      found.set(key, entry);
      entry.where.add(is);
    }
  return [...found].map(([key, { from, to, where }]) => {
    const age = AGE_BANDS.find((one) => key.startsWith(`${one} `)) ?? 'unknown';
    const [was, is] = [group.levels[from]?.id, group.levels[to]?.id];
    return {
      group: group.id,
      opens: to < from,
      closes: to > from,
      says: `${WHOSE[age]} in ${listOf(eachQuoted([...where]), 'and')} who set nothing for \`${group.id}\` are at \`${is}\` from now on, not at \`${was}\``,
    };
  });
}

const WHOSE: Readonly<Record<AgeBand, string>> = {
  adult: 'adults',
  minor: 'minors',
  unknown: 'users of unknown age',
};

function movedFields(before: PolicyDocument, after: PolicyDocument): ChangeOfVisibility[] {
  const old = new Map(before.fields.map(({ id, visibility }) => [id, visibility]));
  return after.fields.flatMap(({ id, visibility }) => {
    const was = old.get(id);
    // a field that comes under a group, or leaves one, is compared at each level
    if (was === undefined || visibility === undefined || was === visibility) return [];
    return {
      field: id,
      opens: true,
      closes: true,
      says: `\`${id}\` moves from \`${was}\` to \`${visibility}\`: what members set for \`${was}\` holds for it no more`,
    };
  });
}
