/** Why a purpose is on or off, in Spanish. */
import type { Choice } from '../../../../decision/consent-event.js';
import type { Origin } from '../../history.js';
import { type Sentences, dayOf, serviceOf } from './sentences.js';

function turned(choice: Choice, origin: Origin | undefined): string {
  const [way, done] = choice === 'granted' ? ['activó', 'se activó'] : ['desactivó', 'se desactivó'];
  if (origin === undefined) return `Esto ${done}; ya no consta quién lo hizo ni cuándo`;
  const when = dated(origin);
  const service = serviceOf(origin);
  if (service === undefined) return `Usted ${way} esto${when}`;
  return origin.via === 'import'
    ? `El servicio «${service}» tomó este ajuste de un sistema anterior, en el que ${done}${when}`
    : `El servicio «${service}» ${way} esto por usted${when}`;
}

export const spanish: Sentences = {
  default: ({ setting }, { law }) => {
    const where =
      law === null
        ? 'porque no sabemos dónde vive usted y, en ese caso,'
        : `porque, según la ley del lugar donde vive (${law}),`;
    switch (setting) {
      case 'always':
        return 'Esto está siempre activado y no se puede desactivar.';
      case 'opt_out':
        return `Usted no ha dicho nada al respecto. Esto está activado ${where} lo está hasta que usted lo desactive.`;
      case 'opt_in':
        return `Usted no ha dicho nada al respecto. Esto está desactivado ${where} lo está hasta que usted lo active.`;
    }
  },
  lapsed: ({ at }) =>
    `Lo que se aceptó aquí valía durante un tiempo limitado, que terminó el ${dayOf({ at }, 'es')}. Está desactivado hasta que usted lo acepte de nuevo.`,
  lapses_soon: ({ at }) =>
    `Lo que se aceptó aquí vale hasta el ${dayOf({ at }, 'es')}. Después se desactivará, salvo que usted lo acepte de nuevo.`,
  choice: ({ choice, origin }) =>
    origin?.via === 'expiry'
      ? `Esto estuvo activado durante un tiempo, que terminó${dated(origin)}.`
      : `${turned(choice, origin)}.`,
  signal: ({ origin }) => {
    const when = dated(origin);
    const service = serviceOf(origin);
    if (origin?.via === 'tcf')
      return `Esto está desactivado por una decisión suya que ${service === undefined ? 'otro sitio u otra aplicación' : `el servicio «${service}»`} nos transmitió${when}.`;
    return service === undefined
      ? `Esto está desactivado porque su navegador envió una señal Global Privacy Control${when}.`
      : `Esto está desactivado porque el servicio «${service}» nos comunicó${when} que su navegador envía una señal Global Privacy Control.`;
  },
  dependency: ({ on }, { titleOf }) =>
    `Esto está desactivado porque necesita «${titleOf(on)}», y eso está desactivado.`,
  age: ({ known }) =>
    known
      ? 'Esto está desactivado para todas las personas menores de edad.'
      : 'Esto está desactivado porque no sabemos si usted es mayor de edad.',
  notice: ({ accepted, origin }, { law }) => {
    const granted = turned('granted', origin);
    if (accepted !== null)
      return `${granted}. Lo que se aceptó entonces ha cambiado desde ese momento; por eso está desactivado hasta que usted lo acepte de nuevo.`;
    const where = law === null ? '' : ` según la ley del lugar donde vive (${law})`;
    return `${granted}. Entonces no se pedía su consentimiento. Ahora es necesario${where}; por eso está desactivado hasta que usted lo dé.`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens) return 'Esto está desactivado para todas las personas: no usa ninguno de sus datos.';
    return law === null
      ? 'Esto está desactivado porque no sabemos dónde vive usted.'
      : `Esto está desactivado para todas las personas según la ley del lugar donde vive (${law}).`;
  },
  unknown_user: () =>
    'Esto está desactivado porque todavía no sabemos dónde vive usted ni si es mayor de edad.',
};

function dated(origin: Origin | undefined): string {
  return origin === undefined ? '' : ` el ${dayOf(origin, 'es')}`;
}
