/** Why a purpose is on or off, in German. */
import type { Choice } from '../../../../decision/consent-event.js';
import type { Origin } from '../../history.js';
import { type Sentences, dayOf, serviceOf } from './sentences.js';

function turned(choice: Choice, origin: Origin | undefined): string {
  const way = choice === 'granted' ? 'eingeschaltet' : 'ausgeschaltet';
  if (origin === undefined) return `Dies wurde ${way}; durch wen und wann, ist nicht mehr aufgezeichnet`;
  const when = dated(origin);
  const service = serviceOf(origin);
  if (service === undefined) return `Sie haben dies${when} ${way}`;
  return origin.via === 'import'
    ? `Der Dienst „${service}“ hat dies aus einem früheren System übernommen, in dem es${when} ${way} wurde`
    : `Der Dienst „${service}“ hat dies${when} für Sie ${way}`;
}

export const german: Sentences = {
  default: ({ setting }, { law }) => {
    const where =
      law === null
        ? 'weil wir nicht wissen, wo Sie leben, und es dann'
        : `weil es nach dem Recht, das an Ihrem Wohnort gilt (${law}),`;
    switch (setting) {
      case 'always':
        return 'Dies ist immer eingeschaltet und lässt sich nicht abschalten.';
      case 'opt_out':
        return `Sie haben dazu nichts gesagt. Es ist eingeschaltet, ${where} eingeschaltet ist, bis Sie es ausschalten.`;
      case 'opt_in':
        return `Sie haben dazu nichts gesagt. Es ist ausgeschaltet, ${where} ausgeschaltet ist, bis Sie es einschalten.`;
    }
  },
  lapsed: ({ at }) =>
    `Die Einwilligung galt für eine begrenzte Zeit, die am ${dayOf({ at }, 'de')} geendet hat. Dies ist ausgeschaltet, bis Sie wieder einwilligen.`,
  lapses_soon: ({ at }) =>
    `Die Einwilligung gilt bis zum ${dayOf({ at }, 'de')}. Dann wird dies ausgeschaltet, wenn Sie nicht wieder einwilligen.`,
  choice: ({ choice, origin }) =>
    origin?.via === 'expiry'
      ? `Dies war für eine Zeit eingeschaltet, die${dated(origin)} geendet hat.`
      : `${turned(choice, origin)}.`,
  signal: ({ origin }) => {
    const when = dated(origin);
    const service = serviceOf(origin);
    if (origin?.via === 'tcf')
      return `Dies ist ausgeschaltet, weil uns ${service === undefined ? 'eine andere Website oder App' : `der Dienst „${service}“`}${when} eine entsprechende Entscheidung von Ihnen übermittelt hat.`;
    return service === undefined
      ? `Dies ist ausgeschaltet, weil Ihr Browser${when} ein Global-Privacy-Control-Signal gesendet hat.`
      : `Dies ist ausgeschaltet, weil uns der Dienst „${service}“${when} mitgeteilt hat, dass Ihr Browser ein Global-Privacy-Control-Signal sendet.`;
  },
  dependency: ({ on }, { titleOf }) =>
    `Dies ist ausgeschaltet, weil dafür „${titleOf(on)}“ eingeschaltet sein muss und es nicht ist.`,
  age: ({ known }) =>
    known
      ? 'Dies ist für alle ausgeschaltet, die minderjährig sind.'
      : 'Dies ist ausgeschaltet, weil wir nicht wissen, ob Sie volljährig sind.',
  notice: ({ accepted, origin }, { law }) => {
    const granted = turned('granted', origin);
    if (accepted !== null)
      return `${granted}. Wozu dabei eingewilligt wurde, hat sich seither geändert; deshalb ist es ausgeschaltet, bis Sie neu einwilligen.`;
    const where = law === null ? '' : ` nach dem Recht, das an Ihrem Wohnort gilt (${law}),`;
    return `${granted}. Nach Ihrer Einwilligung wurde dabei nicht gefragt. Jetzt ist sie${where} nötig; deshalb ist es ausgeschaltet, bis Sie einwilligen.`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens) return 'Dies ist für alle ausgeschaltet: Es verwendet keine Ihrer Daten.';
    return law === null
      ? 'Dies ist ausgeschaltet, weil wir nicht wissen, wo Sie leben.'
      : `Dies ist nach dem Recht, das an Ihrem Wohnort gilt (${law}), für alle ausgeschaltet.`;
  },
  unknown_user: () =>
    'Dies ist ausgeschaltet, weil wir noch nicht wissen, wo Sie leben und ob Sie volljährig sind.',
};

function dated(origin: Origin | undefined): string {
  return origin === undefined ? '' : ` am ${dayOf(origin, 'de')}`;
}
