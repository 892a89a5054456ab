/** How what a user's record says came about: for people and for proof. No decision looks here. */
import type { ChangedBy, ConsentEvent, Signal } from '../decision/consent-event.js';
import { type ConsentStore, eventsOf, isLeftBySignal } from './consent.store.js';

/** How a choice or a signal came about. */
export type Origin = {
  readonly by: ChangedBy;
  readonly via: ConsentEvent['via'];
  /** When the user said it, in milliseconds since the Unix epoch. */
  readonly at: number;
};

/** Of each thing that a user said, the last time that it was said. */
export type UserHistory = {
  /** By purpose id. */
  readonly choices: ReadonlyMap<string, Origin>;
  readonly signals: ReadonlyMap<Signal, Origin>;
};

/** Folds the events of a user up to a revision. */
export async function historyIn(
  store: Pick<ConsentStore, 'readUser'>,
  user: string,
  revision: number,
): Promise<UserHistory> {
  const choices = new Map<string, Origin>();
  const signals = new Map<Signal, Origin>();
  for await (const event of eventsOf(store, user, 0, revision)) {
    const { change } = event;
    if (change.kind === 'choice' && !isLeftBySignal(event)) choices.set(change.purpose, originOf(event));
    if (change.kind === 'signal') signals.set(change.signal, originOf(event));
  }
  return { choices, signals };
}

function originOf({ by, via, at, saidAt = at }: ConsentEvent): Origin {
  return { by, via, at: saidAt };
}
