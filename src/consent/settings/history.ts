/** Where each entry of a user's record came from: for people and for proof. No decision uses it. */
import type { ChangedBy, ConsentEvent, Signal, UserRecord } from '../../decision/consent-event.js';
import type { ConsentStore } from '../log/consent.store.js';
import { isLeftBySignal } from '../log/settlement/event-rules.js';
import { givenAt } from '../log/settlement/lapses.js';

/** How a choice or a signal came about. */
export type Origin = {
  readonly by: ChangedBy;
  readonly via: ConsentEvent['via'];
  /** When the user said it, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** When the user let a grant end, in milliseconds since the Unix epoch; absent: they named no time. */
  readonly until?: number;
};

/** The last event of each thing that a user said. */
export type UserHistory = {
  /** By purpose id. */
  readonly choices: ReadonlyMap<string, Origin>;
  readonly signals: ReadonlyMap<Signal, Origin>;
  /** By purpose, when the grant lapsed after which nothing was said. */
  readonly lapses?: ReadonlyMap<string, number>;
  /** By visibility group. */
  readonly levels: ReadonlyMap<string, Origin>;
};

/** How many events are read at a time. */
const PAGE = 500;
/** Maximum number of events read: a user may have very many. */
const REACH = 10_000;

/**
 * Finds the event behind each entry of a record, from the newest back. Entries older than `REACH` events get no origin.
 *
 * @param revision of the record
 * @param silent purposes without a choice whose grants can lapse
 */
export async function historyIn(
  store: Pick<ConsentStore, 'readUserBack'>,
  user: string,
  record: Pick<UserRecord, 'choices' | 'signals' | 'visibility'>,
  revision: number,
  silent: readonly string[] = [],
): Promise<UserHistory> {
  const choices = new Map<string, Origin>();
  const signals = new Map<Signal, Origin>();
  const levels = new Map<string, Origin>();
  const lapses = new Map<string, number>();
  const ofStrings = new Set<string>();
  const unsaid = new Set(silent);
  const isWhole = () =>
    unsaid.size === 0 &&
    choices.size >= record.choices.size &&
    signals.size >= record.signals.size &&
    levels.size >= (record.visibility?.size ?? 0);
  for (let until = revision, read = 0; read < REACH && !isWhole(); read += PAGE) {
    const page = await store.readUserBack(user, until, PAGE);
    for (const event of page) {
      const { change } = event;
      if (change.kind === 'choice' && unsaid.delete(change.purpose) && event.via === 'lapse')
        lapses.set(change.purpose, originOf(event).at);
      // what was taken back left nothing in the record
      if (change.kind === 'choice' && record.choices.has(change.purpose))
        if (!isLeftBySignal(event) && !choices.has(change.purpose)) {
          // its denial stands again, so that is where it comes from
          if (isLeftOfString(event)) ofStrings.add(change.purpose);
          else if (!ofStrings.has(change.purpose) || (change.choice === 'denied' && change.signal))
            choices.set(change.purpose, originOf(event));
        }
      if (change.kind === 'signal' && record.signals.has(change.signal) && !signals.has(change.signal))
        signals.set(change.signal, originOf(event));
      if (change.kind === 'visibility' && !levels.has(change.group))
        levels.set(change.group, originOf(event));
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    until = last.revision - 1;
  }
  return { choices, signals, levels, ...(lapses.size === 0 ? {} : { lapses }) };
}

/** Whether a grant has gone that came after a TC string. */
function isLeftOfString({ via, change }: ConsentEvent): boolean {
  const isEarlier = via === 'settings' || via === 'lapse';
  return isEarlier && change.kind === 'choice' && change.choice === 'denied' && change.signal;
}

function originOf(event: ConsentEvent): Origin {
  const { by, via, change } = event;
  const until = change.kind === 'choice' ? change.until : undefined;
  return { by, via, at: givenAt(event), ...(until === undefined ? {} : { until }) };
}
