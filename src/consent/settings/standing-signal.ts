/** A grant against a signal: what it takes, and how it is recorded. The rule is in `docs/signals.md`. */
import type { ChoiceChange, UserRecord } from '../../decision/consent-event.js';
import { regimesHearingGpc } from '../../decision/policy.js';
import { DomainError } from '../../errors.js';
import type { PolicyVersion } from '../../policy/policy.service.js';

/**
 * Whether a grant of the purpose is one against a signal, which is what its event says in `signal`.
 *
 * @param shown whether the user was shown the signal before they granted
 * @param at JSON Pointer of the choice
 * @throws DomainError `signal_stands` when a signal stands against it that no recorded grant answers, and it was not shown
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

/** Whether the user's Global Privacy Control closes the purpose where they live; an unknown region hears every signal. */
function gpcStands(
  { document, regimeInDecisions }: Pick<PolicyVersion, 'document' | 'regimeInDecisions'>,
  { region, signals }: UserRecord,
  purpose: string,
): boolean {
  const hears = regimesHearingGpc(document).includes(regimeInDecisions(region));
  return signals.has('gpc') && document.overlays.gpc.opt_out.includes(purpose) && hears;
}

/**
 * The grants of a record as a signal that comes now leaves them: it closes whatever was chosen before, so that none of
 * them is one against a signal any more.
 */
export function grantsItCloses({ choices }: UserRecord): ChoiceChange[] {
  return [...choices]
    .filter(([, { choice, signal }]) => choice === 'granted' && signal)
    .map(([purpose, { choice, notice }]) => ({ kind: 'choice', purpose, choice, notice, signal: false }));
}
