/** How many grants would lapse as soon as a draft is published: those that are older than it lets them be. */
import { setImmediate as turn } from 'node:timers/promises';
import type { ConsentStore } from '../../consent/log/consent.store.js';
import { isChoice } from '../../consent/log/settlement/event-rules.js';
import { Lapses, givenAt } from '../../consent/log/settlement/lapses.js';
import { type StateInForce, cannotBeRead } from '../../consent/log/state-in-force.js';
import { isKept } from '../../decision/consent-event.js';
import type { PolicyVersion } from '../../policy/policy.service.js';

/** Entries that are read at a time. */
const PAGE = 1_000;

export type LapsingGrants = {
  readonly purpose: string;
  /** Where the users live, under the draft. */
  readonly regime: string;
  readonly grants: number;
};

/**
 * Counts them. The state does not know when grants were given, so this reads the log, between other work, if the draft has
 * other times than the version in force.
 *
 * @param now milliseconds since the Unix epoch
 * @returns in the order of the draft; only where there are any
 * @throws DomainError `consent_unavailable` when the state cannot be read meanwhile
 */
export async function grantsLapsingAtOnce(
  log: Pick<ConsentStore, 'entries'>,
  consent: Pick<StateInForce, 'recordOf'>,
  base: PolicyVersion,
  draft: PolicyVersion,
  now: number,
): Promise<readonly LapsingGrants[]> {
  const [before, after] = [new Lapses({ current: base }), new Lapses({ current: draft })];
  if (!before.areOthersUnder(draft)) return [];
  /** By purpose and number of the user, the regime. */
  const found = new Map<string, Map<number, string>>();
  for (let reached = 0, isMore = true; isMore;) {
    const page = await log.entries(reached, PAGE);
    for (const event of page) {
      if (!isKept(event) || !isChoice(event)) continue;
      const { purpose } = event.change;
      if (draft.purposes.get(purpose)?.lapses_after === undefined) continue;
      const record = consent.recordOf(event.user);
      // whatever was said later counts instead
      found.get(purpose)?.delete(event.subject);
      if (record === 'unavailable') throw cannotBeRead();
      if (record.choices.get(purpose)?.choice !== 'granted') continue;
      const isOver = (lapses: Lapses) => (lapses.of(purpose, record, givenAt(event)) ?? Infinity) <= now;
      if (event.change.choice !== 'granted' || !isOver(after) || isOver(before)) continue;
      const users = found.get(purpose) ?? new Map<number, string>();
      found.set(purpose, users.set(event.subject, draft.regimeOf(record.region)));
    }
    reached = page.at(-1)?.revision ?? reached;
    isMore = page.length === PAGE;
    await turn();
  }
  return [...draft.purposes.keys()].flatMap((purpose) => {
    const regimes = [...(found.get(purpose)?.values() ?? [])];
    return [...new Set(regimes)].toSorted().map((regime) => ({
      purpose,
      regime,
      grants: regimes.filter((one) => one === regime).length,
    }));
  });
}
