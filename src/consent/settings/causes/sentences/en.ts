/** Why a purpose is on or off, in English. */
import type { Choice } from '../../../../decision/consent-event.js';
import type { Origin } from '../../history.js';
import { type Sentences, dayOf, serviceOf } from './sentences.js';

/** Who acted: a user must not be told that they did what a service did for them. */
function turned(choice: Choice, origin: Origin | undefined): string {
  const way = choice === 'granted' ? 'on' : 'off';
  if (origin === undefined) return `This was turned ${way}; by whom and when is no longer recorded`;
  const when = dated(origin);
  const service = serviceOf(origin);
  if (service === undefined) return `You turned this ${way}${when}`;
  return origin.via === 'import'
    ? `The service “${service}” took this over from an earlier system, where it was turned ${way}${when}`
    : `The service “${service}” turned this ${way} for you${when}`;
}

export const english: Sentences = {
  default: ({ setting }, { law }) => {
    const where =
      law === null ? 'we do not know where you live, and then' : `under the law where you live (${law})`;
    switch (setting) {
      case 'always':
        return 'This is always on and cannot be turned off.';
      case 'opt_out':
        return `You have not said anything about this. It is on, because ${where} it is on until you turn it off.`;
      case 'opt_in':
        return `You have not said anything about this. It is off, because ${where} it is off until you turn it on.`;
    }
  },
  lapsed: ({ at }) =>
    `What was agreed to here held for a limited time, which ended on ${dayOf({ at }, 'en-GB')}. It is off until you agree to it again.`,
  lapses_soon: ({ at }) =>
    `What was agreed to here holds until ${dayOf({ at }, 'en-GB')}. Then it is turned off, unless you agree to it again.`,
  choice: ({ choice, origin }) =>
    origin?.via === 'expiry'
      ? `This was on for a time, which ended${dated(origin)}.`
      : `${turned(choice, origin)}.`,
  signal: ({ origin }) => {
    const when = dated(origin);
    const service = serviceOf(origin);
    if (origin?.via === 'tcf')
      return `This is off because of a choice of yours that ${service === undefined ? 'another site or app' : `the service “${service}”`} passed on to us${when}.`;
    return service === undefined
      ? `This is off because your browser sent a Global Privacy Control signal${when}.`
      : `This is off because the service “${service}” told us${when} that your browser sends a Global Privacy Control signal.`;
  },
  dependency: ({ on }, { titleOf }) => `This is off because it needs “${titleOf(on)}”, which is off.`,
  age: ({ known }) =>
    known
      ? 'This is off for everyone who is under age.'
      : 'This is off because we do not know whether you are of age.',
  notice: ({ accepted, origin }, { law }) => {
    const granted = turned('granted', origin);
    if (accepted !== null)
      return `${granted}. What was agreed to then has changed since, so it is off until you agree to it anew.`;
    const where = law === null ? '' : ` under the law where you live (${law})`;
    return `${granted}. Your consent was not asked for then. Now it is needed${where}, so it is off until you agree to it.`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens) return 'This is off for everyone: it uses none of your data.';
    return law === null
      ? 'This is off, because we do not know where you live.'
      : `This is off for everyone under the law where you live (${law}).`;
  },
  unknown_user: () => 'This is off because we do not know yet where you live and whether you are of age.',
};

function dated(origin: Origin | undefined): string {
  return origin === undefined ? '' : ` on ${dayOf(origin, 'en-GB')}`;
}
