/** Why a purpose is on or off, in French. */
import type { Choice } from '../../../../decision/consent-event.js';
import type { Origin } from '../../history.js';
import { type Sentences, dayOf, serviceOf } from './sentences.js';

/** French sets a space before some signs, at which no line breaks. */
const SPACE = '\u00a0';
const SO = `${SPACE}; `;
const NAMELY = `${SPACE}: `;

function turned(choice: Choice, origin: Origin | undefined): string {
  const way = choice === 'granted' ? 'activé' : 'désactivé';
  if (origin === undefined) return `Ceci a été ${way}${SO}par qui et quand n’est plus enregistré`;
  const when = dated(origin);
  const service = serviceOf(origin);
  if (service === undefined) return `Vous avez ${way} ceci${when}`;
  return origin.via === 'import'
    ? `Le service ${quoted(service)} a repris ce réglage d’un système antérieur, où il a été ${way}${when}`
    : `Le service ${quoted(service)} a ${way} ceci pour vous${when}`;
}

export const french: Sentences = {
  default: ({ setting }, { law }) => {
    const where =
      law === null
        ? 'parce que nous ne savons pas où vous vivez et que, dans ce cas,'
        : `parce que, selon le droit de votre lieu de résidence (${law}),`;
    switch (setting) {
      case 'always':
        return 'Ceci est toujours activé et ne peut pas être désactivé.';
      case 'opt_out':
        return `Vous n’avez rien dit à ce sujet. Ceci est activé, ${where} ceci reste activé jusqu’à ce que vous le désactiviez.`;
      case 'opt_in':
        return `Vous n’avez rien dit à ce sujet. Ceci est désactivé, ${where} ceci reste désactivé jusqu’à ce que vous l’activiez.`;
    }
  },
  lapsed: ({ at }) =>
    `Ce qui avait été accepté ici valait pour une durée limitée, qui a pris fin le ${day({ at })}. Ceci est désactivé jusqu’à ce que vous l’acceptiez de nouveau.`,
  lapses_soon: ({ at }) =>
    `Ce qui a été accepté ici vaut jusqu’au ${day({ at })}. Ceci sera ensuite désactivé, sauf si vous l’acceptez de nouveau.`,
  choice: ({ choice, origin }) =>
    origin?.via === 'expiry'
      ? `Ceci était activé pour une durée limitée, qui a pris fin${dated(origin)}.`
      : `${turned(choice, origin)}.`,
  signal: ({ origin }) => {
    const when = dated(origin);
    const service = serviceOf(origin);
    if (origin?.via === 'tcf')
      return `Ceci est désactivé en raison d’un choix de votre part que ${service === undefined ? 'un autre site ou une autre application' : `le service ${quoted(service)}`} nous a transmis${when}.`;
    return service === undefined
      ? `Ceci est désactivé parce que votre navigateur a envoyé un signal Global Privacy Control${when}.`
      : `Ceci est désactivé parce que le service ${quoted(service)} nous a indiqué${when} que votre navigateur envoie un signal Global Privacy Control.`;
  },
  dependency: ({ on }, { titleOf }) =>
    `Ceci est désactivé parce qu’il faut pour cela que ${quoted(titleOf(on))} soit activé, ce qui n’est pas le cas.`,
  age: ({ known }) =>
    known
      ? 'Ceci est désactivé pour toutes les personnes mineures.'
      : 'Ceci est désactivé parce que nous ne savons pas si vous avez atteint l’âge de la majorité.',
  notice: ({ accepted, origin }, { law }) => {
    const granted = turned('granted', origin);
    if (accepted !== null)
      return `${granted}. Ce qui avait été accepté alors a changé depuis${SO}ceci est donc désactivé jusqu’à ce que vous l’acceptiez de nouveau.`;
    const where = law === null ? '' : ` selon le droit de votre lieu de résidence (${law})`;
    return `${granted}. Votre consentement n’était alors pas demandé. Il est maintenant nécessaire${where}${SO}ceci est donc désactivé jusqu’à ce que vous le donniez.`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens) return `Ceci est désactivé pour tout le monde${NAMELY}aucune de vos données n’est utilisée.`;
    return law === null
      ? 'Ceci est désactivé parce que nous ne savons pas où vous vivez.'
      : `Ceci est désactivé pour tout le monde selon le droit de votre lieu de résidence (${law}).`;
  },
  unknown_user: () =>
    'Ceci est désactivé parce que nous ne savons pas encore où vous vivez ni si vous avez atteint l’âge de la majorité.',
};

function quoted(title: string): string {
  return `«${SPACE}${title}${SPACE}»`;
}

function dated(origin: Origin | undefined): string {
  return origin === undefined ? '' : ` le ${day(origin)}`;
}

/** The first of a month is an ordinal number, which Intl does not write. */
function day(moment: Pick<Origin, 'at'>): string {
  return dayOf(moment, 'fr').replace(/^1 /, '1er ');
}
