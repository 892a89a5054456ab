/** What one event of a user means for another: which holds, which is still needed, which brings about one to come. */
import type {
  ChoiceChange,
  ConsentEvent,
  NewConsentEvent,
  ProfileChange,
  SignalChange,
} from '../../decision/consent-event.js';

/** A choice in the log. */
export type ChoiceEvent = ConsentEvent & { readonly change: ChoiceChange };

/** The times at which an event brings about another one. */
export function deadlineOf({ change }: Pick<NewConsentEvent, 'change'>): number | undefined {
  switch (change.kind) {
    case 'profile':
      return change.ageBand === 'minor' ? change.adultFrom : undefined;
    case 'choice':
      return change.choice === 'granted' ? change.until : undefined;
    case 'signal':
      return undefined;
  }
}

/**
 * Whether a later event of the same user fully supersedes this one. An event that only says that a signal left a grant as
 * it was, see `grantsItCloses`, supersedes nothing: when the grant was given, on what and until when is in the event before.
 */
export function isSuperseded({ change }: ConsentEvent, later: readonly ConsentEvent[]): boolean {
  const topic = topicOf(change);
  return later.some((event) => topicOf(event.change) === topic && !isLeftBySignal(event));
}

type Topic =
  | Pick<ProfileChange, 'kind'>
  | Pick<ChoiceChange, 'kind' | 'purpose'>
  | Pick<SignalChange, 'kind' | 'signal'>;

/** What a change is about: of two that are about the same, the later one holds. */
export function topicOf(change: Topic): string {
  switch (change.kind) {
    case 'profile':
      return change.kind;
    case 'choice':
      return `${change.kind} ${change.purpose}`;
    case 'signal':
      return `${change.kind} ${change.signal}`;
  }
}

/** Whether the event is a choice that was made, see `isLeftBySignal`. */
export function isChoice(event: ConsentEvent): event is ChoiceEvent {
  return event.change.kind === 'choice' && !isLeftBySignal(event);
}

/** Whether the event is a grant that a signal left as it was, and not one that anybody gave. */
export function isLeftBySignal({ via, change }: Pick<ConsentEvent, 'via' | 'change'>): boolean {
  return via === 'gpc' && change.kind === 'choice' && change.choice === 'granted';
}
