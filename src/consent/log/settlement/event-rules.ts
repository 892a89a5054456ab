/** How the events of a user affect each other: which one holds, which are still needed, which cause a later event. */
import {
  type ChoiceChange,
  type ConsentEvent,
  NO_NOTICE,
  type NewConsentEvent,
  type ProfileChange,
  type Signal,
  type SignalChange,
  type VisibilityChange,
} from '../../../decision/consent-event.js';

/** A choice in the log. */
export type ChoiceEvent = ConsentEvent & { readonly change: ChoiceChange };

/** A level in the log. */
export type LevelEvent = ConsentEvent & { readonly change: VisibilityChange };

/** The times at which an event causes another one. */
export function deadlineOf({ change }: Pick<NewConsentEvent, 'change'>): number | undefined {
  switch (change.kind) {
    case 'profile':
      return change.ageBand === 'minor' ? change.adultFrom : undefined;
    case 'choice':
      return change.choice === 'granted' ? change.until : undefined;
    case 'signal':
    case 'visibility':
      return undefined;
  }
}

/** Whether a later event of the same user fully supersedes this one. */
export function isSuperseded(event: ConsentEvent, later: readonly ConsentEvent[]): boolean {
  return later.some((one) => supersedes(one, event));
}

/**
 * Whether an event fully supersedes an earlier one of the same user. An event that only records that a signal left a grant
 * as it was, see `grantsItCloses`, supersedes nothing: the time, notice and end of the grant are in the event before. What a
 * TC string refused is left when what was said after it goes, so that does not supersede it.
 */
export function supersedes(event: ConsentEvent, { change }: ConsentEvent): boolean {
  if (topicOf(event.change) !== topicOf(change) || isLeftBySignal(event)) return false;
  return !isRefusedByString(change) || isRefusedByString(event.change) || isTakenBack(event);
}

/** Whether a TC string refused it, or was left when what had come after it went. */
export function isRefusedByString(change: NewConsentEvent['change']): boolean {
  return change.kind === 'choice' && change.choice === 'denied' && change.signal;
}

/** Whether a choice was taken back that had come after no TC string. A lapse leaves what strings refused. */
export function isTakenBack({ change, via }: Pick<NewConsentEvent, 'change' | 'via'>): boolean {
  return change.kind === 'choice' && change.choice === 'none' && via !== 'lapse';
}

type Topic =
  | Pick<ProfileChange, 'kind'>
  | Pick<ChoiceChange, 'kind' | 'purpose'>
  | Pick<SignalChange, 'kind' | 'signal'>
  | Pick<VisibilityChange, 'kind' | 'group'>;

/** The subject of a change: of two with the same subject, the later one holds. */
export function topicOf(change: Topic): string {
  switch (change.kind) {
    case 'profile':
      return change.kind;
    case 'choice':
      return `${change.kind} ${change.purpose}`;
    case 'signal':
      return `${change.kind} ${change.signal}`;
    case 'visibility':
      return visibilityTopic(change.group);
  }
}

/** The subject of a signal. No purpose has this id. */
export function signalTopic(signal: Signal): string {
  return topicOf({ kind: 'signal', signal });
}

/** The subject of a level that was set for a visibility group. No purpose has this id. */
export function visibilityTopic(group: string): string {
  return `visibility ${group}`;
}

/** The change after which nothing is said for a purpose. */
export function nothingSaid(purpose: string): ChoiceChange {
  return { kind: 'choice', purpose, choice: 'none', notice: NO_NOTICE, signal: false };
}

/** Whether the event is a choice that was made, see `isLeftBySignal`. */
export function isChoice(event: ConsentEvent): event is ChoiceEvent {
  return event.change.kind === 'choice' && !isLeftBySignal(event);
}

/** Whether the event is a level that was set. */
export function isLevel(event: ConsentEvent): event is LevelEvent {
  return event.change.kind === 'visibility';
}

/**
 * Whether somebody said something in the event that has a receipt. A profile does not: it is no consent. Nor does the event
 * that a signal left a grant as it was: nobody said anything then.
 */
export function hasReceipt(event: Pick<ConsentEvent, 'via' | 'change'>): boolean {
  const { kind } = event.change;
  return (kind === 'choice' || kind === 'signal') && !isLeftBySignal(event);
}

/** Whether the event only records that a signal left a grant as it was. */
export function isLeftBySignal({ via, change }: Pick<ConsentEvent, 'via' | 'change'>): boolean {
  return via === 'gpc' && change.kind === 'choice' && change.choice === 'granted';
}
