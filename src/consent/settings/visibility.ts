/** The levels of visibility groups that users set, and those that hold. */
import type { ChangedBy, UserRecord } from '../../decision/consent-event.js';
import { eachQuoted, listOf } from '../../decision/lists.js';
import { didYouMean } from '../../decision/nearest.js';
import type { Level, VisibilityGroup } from '../../decision/policy.js';
import { defaultLevel, groupsOf, levelPlace } from '../../decision/visibility.js';
import { DomainError } from '../../errors.js';
import type { PolicyService, PolicyVersion } from '../../policy/policy.service.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { Acknowledgement } from '../log/log-writer.js';
import { visibilityTopic } from '../log/settlement/event-rules.js';
import type { ChangeRequest } from '../log/settlement/settlement.js';
import { mustHaveRoomFor } from './changes/room-for-choices.js';
import { restingOn } from './changes/settings-mark.js';

/** A visibility group as it stands for a user. */
export type VisibilitySetting = {
  readonly group: VisibilityGroup;
  /** The level that holds. */
  readonly level: Level;
  /** The level that the user set, also one that the group does not have any more; null: none. */
  readonly choice: string | null;
};

/** The levels that hold for a record, by the same rules that decide. */
export function visibilityOn(policy: PolicyVersion, record: UserRecord): VisibilitySetting[] {
  const { document } = policy;
  const regime = policy.regimeInDecisions(record.region);
  return (document.visibility ?? []).flatMap((group) => {
    const choice = record.visibility?.get(group.id) ?? null;
    const said = choice ?? defaultLevel(document, group, regime, record.ageBand);
    const level = group.levels[levelPlace(group, record.registered ? said : undefined)];
    return level === undefined ? [] : [{ group, level, choice }];
  });
}

/** Accepts levels. Each is settled at its turn, on the record as it then is. */
export class Visibility {
  constructor(
    private readonly log: ConsentLog,
    private readonly policies: PolicyService,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {}

  /**
   * Sets a level for a user. Of two that race, the stricter one holds.
   *
   * @param seen marks of the settings that the level rests on; absent: it holds whatever they are
   * @throws DomainError `settings_changed` when they are others by now; `visibility_not_found`; `invalid_request` when the group has no such level; `too_many_choices`
   *   when the record is full; `opt_out_in_progress` when a stricter level is being saved
   */
  async set(
    user: string,
    by: ChangedBy,
    id: string,
    level: string,
    seen?: readonly string[],
  ): Promise<Acknowledgement> {
    const group = groupWith(this.policies.current, id, level);
    const isStrictest = levelPlace(group, level) === group.levels.length - 1;
    const change = { kind: 'visibility', group: id, level } as const;
    const request: ChangeRequest = {
      user,
      by,
      at: this.now(),
      via: 'settings',
      closes: widerThan(group, level),
      // of what another process writes, only the group is known
      opens: isStrictest ? [] : [levelTopic(id, level), visibilityTopic(id)],
      sets: change,
      settle: (record) => {
        groupWith(this.policies.current, id, level);
        if (record.visibility?.get(id) === level) return [];
        if (record.visibility?.has(id) !== true) mustHaveRoomFor(record, [visibilityTopic(id)]);
        return [change];
      },
    };
    return this.log.change(restingOn(seen, this.policies, request));
  }
}

/** The subjects of the levels that setting this one closes. */
export function widerThan(group: VisibilityGroup, level: string): string[] {
  return group.levels.slice(0, levelPlace(group, level)).map((wider) => levelTopic(group.id, wider.id));
}

function levelTopic(group: string, level: string): string {
  return `${visibilityTopic(group)} ${level}`;
}

/** @throws DomainError `visibility_not_found`; `invalid_request` when it has no such level */
function groupWith({ document }: PolicyVersion, id: string, level: string): VisibilityGroup {
  const group = groupsOf(document).get(id);
  if (group === undefined)
    throw new DomainError(
      'visibility_not_found',
      'correct the group in the address; `GET …/settings` lists the valid ones',
    );
  const levels = group.levels.map((one) => one.id);
  if (levels.includes(level)) return group;
  throw new DomainError(
    'invalid_request',
    `the group \`${id}\` has no level \`${level}\`${didYouMean(level, levels, `send ${listOf(eachQuoted(levels), 'or')}`)}`,
    '/level',
  );
}
