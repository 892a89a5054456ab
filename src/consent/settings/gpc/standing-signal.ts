/** A grant against a signal: its requirements, and how it is recorded. The rule is in `docs/signals.md`. */
import type { ChoiceChange, UserRecord } from '../../../decision/consent-event.js';
import { regimesHearingGpc } from '../../../decision/policy.js';
import { DomainError } from '../../../errors.js';
import type { PolicyVersion } from '../../../policy/policy.service.js';

/**
 * Whether a grant of the purpose is against a signal, as its event records in `signal`.
 *
 * @param shown whether the user was shown the signal before they granted
 * @param at JSON Pointer of the choice
 * @throws DomainError `signal_stands` when a signal is against it that no recorded grant overrides, and the user was
 *   not shown it
 */
export function grantsAgainstSignal(
  policy: Pick<PolicyVersion, 'document' | 'regimeInDecisions'>,
  record: UserRecord,
  purpose: string,
  shown: boolean,
  at = '',
): boolean {
  const recorded = record.choices.get(purpose);
  const stands = gpcStands(policy, record, purpose) || (recorded?.choice === 'denied' && recorded.signal);
  const answered = recorded?.choice === 'granted' && recorded.signal;
  if (stands && !answered && !shown)
    throw new DomainError(
      'signal_stands',
      `a signal of the user closes \`${purpose}\`: show it to the user, and if they still grant it, send this again with \`"signal_shown": true\``,
      `${at}/signal_shown`,
    );
  return stands;
}

/**
 * Whether the user's Global Privacy Control closes the purpose where they live; an unknown region hears every signal.
 */
export function gpcStands(
  { document, regimeInDecisions }: Pick<PolicyVersion, 'document' | 'regimeInDecisions'>,
  { region, signals }: UserRecord,
  purpose: string,
): boolean {
  const hears = regimesHearingGpc(document).includes(regimeInDecisions(region));
  return signals.has('gpc') && document.overlays.gpc.opt_out.includes(purpose) && hears;
}

/**
 * The grants of a record after a new signal: it closes whatever was chosen before, so none of them overrides a signal
 * any more.
 */
export function grantsItCloses({ choices }: UserRecord): ChoiceChange[] {
  return [...choices]
    .filter(([, { choice, signal }]) => choice === 'granted' && signal)
    .map(([purpose, { choice, notice }]) => ({ kind: 'choice', purpose, choice, notice, signal: false }));
}
