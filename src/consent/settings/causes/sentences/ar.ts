/**
 * Why a purpose is on or off, in Arabic. What the user did is told by nouns and in the past tense: other forms of the
 * verb would have to say whether they are a man or a woman.
 */
import type { Choice } from '../../../../decision/consent-event.js';
import type { Origin } from '../../history.js';
import { type Sentences, dayOf, serviceOf } from './sentences.js';

const TURNED = {
  granted: { noun: 'تفعيل', byService: 'فعّلت', passive: 'فُعّل' },
  denied: { noun: 'إيقاف', byService: 'أوقفت', passive: 'أُوقف' },
} as const;

function turned(choice: Choice, origin: Origin | undefined): string {
  const { noun, byService, passive } = TURNED[choice];
  if (origin === undefined) return `${passive} هذا الاستخدام، ولم يعد مسجّلًا من فعل ذلك ولا متى`;
  const when = dated(origin);
  const service = serviceOf(origin);
  if (service === undefined) return `جرى ${noun} هذا الاستخدام من جانبك${when}`;
  return origin.via === 'import'
    ? `نقلت الخدمة ${quoted(service)} هذا الإعداد من نظام سابق جرى فيه ${noun} هذا الاستخدام${when}`
    : `${byService} الخدمة ${quoted(service)} هذا الاستخدام نيابةً عنك${when}`;
}

export const arabic: Sentences = {
  default: ({ setting }, { law }) => {
    const where =
      law === null ? 'لأننا لا نعرف مكان إقامتك، وهو في هذه الحالة' : `لأنه بموجب ${lawThere(law)}`;
    switch (setting) {
      case 'always':
        return 'هذا الاستخدام مفعّل دائمًا ولا يمكن إيقافه.';
      case 'opt_out':
        return `لم يُسجَّل منك أي اختيار في هذا الشأن. هذا الاستخدام مفعّل ${where} مفعّل إلى أن يصدر منك اختيار بإيقافه.`;
      case 'opt_in':
        return `لم يُسجَّل منك أي اختيار في هذا الشأن. هذا الاستخدام متوقف ${where} متوقف إلى أن يصدر منك اختيار بتفعيله.`;
    }
  },
  lapsed: ({ at }) =>
    `كانت الموافقة سارية لمدة محددة انتهت في ${dayOf({ at }, 'ar')}. هذا الاستخدام متوقف إلى أن تصدر منك موافقة جديدة.`,
  lapses_soon: ({ at }) =>
    `تسري الموافقة حتى ${dayOf({ at }, 'ar')}. بعد ذلك يتوقف هذا الاستخدام، ما لم تصدر منك موافقة جديدة.`,
  choice: ({ choice, origin }) =>
    origin?.via === 'expiry'
      ? `كان هذا الاستخدام مفعّلًا لمدة محددة انتهت${dated(origin)}.`
      : `${turned(choice, origin)}.`,
  signal: ({ origin }) => {
    const when = dated(origin);
    const service = serviceOf(origin);
    if (origin?.via === 'tcf')
      return `هذا الاستخدام متوقف بسبب اختيار منك ${service === undefined ? 'نقله إلينا موقع أو تطبيق آخر' : `نقلته إلينا الخدمة ${quoted(service)}`}${when}.`;
    return service === undefined
      ? `هذا الاستخدام متوقف لأن متصفحك أرسل إشارة Global Privacy Control${when}.`
      : `هذا الاستخدام متوقف لأن الخدمة ${quoted(service)} أبلغتنا${when} بأن متصفحك يرسل إشارة Global Privacy Control.`;
  },
  dependency: ({ on }, { titleOf }) =>
    `هذا الاستخدام متوقف لأنه يتطلب تفعيل ${quoted(titleOf(on))}، وهو متوقف.`,
  age: ({ known }) =>
    known
      ? 'هذا الاستخدام متوقف لكل من لم يبلغ سن الرشد.'
      : 'هذا الاستخدام متوقف لأننا لا نعرف هل بلغت سن الرشد.',
  notice: ({ accepted, origin }, { law }) => {
    const granted = turned('granted', origin);
    if (accepted !== null)
      return `${granted}. وقد تغيّر منذ ذلك الحين ما جرت الموافقة عليه، ولذلك فهو متوقف إلى أن تصدر منك موافقة جديدة.`;
    const where = law === null ? '' : ` بموجب ${lawThere(law)}`;
    return `${granted}. ولم تُطلب موافقتك حينها. أما الآن فهي مطلوبة${where}، ولذلك فهو متوقف إلى أن تصدر منك الموافقة.`;
  },
  regime: ({ opens }, { law }) => {
    if (!opens) return 'هذا الاستخدام متوقف للجميع: فهو لا يستخدم أيًّا من بياناتك.';
    return law === null
      ? 'هذا الاستخدام متوقف لأننا لا نعرف مكان إقامتك.'
      : `هذا الاستخدام متوقف للجميع بموجب ${lawThere(law)}.`;
  },
  unknown_user: () => 'هذا الاستخدام متوقف لأننا لا نعرف بعد مكان إقامتك ولا هل بلغت سن الرشد.',
};

function lawThere(law: string): string {
  return `القانون الساري في مكان إقامتك (${isolated(law)})`;
}

function quoted(title: string): string {
  return `«${isolated(title)}»`;
}

/** A name in another script keeps its own direction, and its signs stay beside it (Unicode UAX 9, section 2.4). */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

function dated(origin: Origin | undefined): string {
  return origin === undefined ? '' : ` في ${dayOf(origin, 'ar')}`;
}
