import type { Words } from './en.js';

const rules = new Intl.PluralRules('ar');
/** Arabic counts in six ways; these nouns need four forms. */
const counted = (count: number, single: string, two: string, few: string, many: string) => {
  const kind = rules.select(count);
  if (kind === 'one') return single;
  if (kind === 'two') return two;
  return `${count} ${kind === 'few' ? few : many}`;
};
const uses = (count: number) => counted(count, 'استخدامًا واحدًا', 'استخدامين', 'استخدامات', 'استخدامًا');

export const ar: Words = {
  title: 'بياناتك وإعداداتك',
  sections: 'الأقسام',
  language: 'اللغة',
  views: {
    settings: 'الإعدادات',
    review: 'مراجعة',
    uses: 'من استخدم بياناتي',
    record: 'سجلي',
  },
  tryAgain: 'حاول مرة أخرى',
  signIn: 'تسجيل الدخول',
  signOut: 'تسجيل الخروج',
  saving: 'جارٍ الحفظ. ما يظهر ما زال ساريًا.',

  settings: 'فيمَ تُستخدم بياناتك',
  law: (title) => `القانون حيث تعيش: ${title}`,
  on: 'مفعّل',
  off: 'متوقف',
  refuse: 'أرفض',
  allow: 'أسمح',
  question: (title) => `${title}: جوابك`,
  refuseAll: 'أرفض الكل',
  refuseAllWhat: (count) => (count === 0 ? 'كل ما يمكن رفضه متوقف الآن.' : `يوقف ${uses(count)} دفعة واحدة.`),
  gpc: (count) =>
    `يرسل متصفحك إشارة Global Privacy Control: لا تبيعوا بياناتي ولا تشاركوها. الإشارة مأخوذ بها، وهي تغلق ${uses(count)}.`,
  ifAllowed: 'أسمح: قد تُستخدم هذه البيانات لذلك.',
  ifRefused: 'أرفض: لا تُستخدم هذه البيانات لذلك.',
  alsoCloses: (titles) => `ويتوقف معه أيضًا: ${titles}.`,
  alsoOpens: (titles) => `ويُشغَّل معه أيضًا: ${titles}.`,
  holdsFor: (duration) => `يسري ذلك لمدة ${duration}، ثم يُطرح عليك السؤال من جديد.`,
  staysOffUntil: (titles) => `يبقى متوقفًا إلى أن يُفعَّل: ${titles}.`,
  againstSignal: 'السماح معتبر وإن كان متصفحك يرسل Global Privacy Control.',
  data: (count) => `بياناتك المستخدمة: ${counted(count, 'نوع واحد', 'نوعان', 'أنواع', 'نوعًا')}`,
  noData: 'لا يستخدم أيًّا من بياناتك.',
  categories: {
    public: 'عام',
    profile: 'الملف الشخصي',
    engagement: 'ما تفعله هنا',
    private_message: 'الرسائل الخاصة',
  },
  setAt: (time) => `منذ ${time}`,
  endsOn: (day) => `تنتهي موافقتك في ${day}.`,
  onSince: (time) => `مفعّل لكل قرار منذ ${time}`,
  offSince: (time) => `متوقف لكل قرار منذ ${time}`,
  allOffSince: (time) => `كل ما يمكن رفضه متوقف لكل قرار منذ ${time}`,
  levelSince: (level, time) => `${level}، لكل قرار منذ ${time}`,
  recordedAndOff: (time) => `سُجّل في ${time}. يبقى متوقفًا.`,
  recordedAndOn: (time) => `سُجّل في ${time}. يبقى مفعّلًا.`,
  recorded: 'سُجّل. هذا ما يسري الآن.',
  unsent: (answer: string) => `كانت إجابتك «${answer}». كانت جلستك قد انتهت، فلم تُسجَّل.`,
  recordedUnread: 'سُجّل. تعذرت قراءة ما يسري الآن.',
  undo: 'تراجع',
  undone: (time) => `تم التراجع في ${time}. ما يسري الآن مبيّن أدناه.`,
  undonePartly: 'لم يتم التراجع عن كل شيء. ما يسري الآن مبيّن أدناه.',
  visibility: 'من يمكنه رؤية بياناتك',

  review: 'ما تُسأل عنه',
  reviewNothing: 'لا تُسأل عن شيء الآن.',
  agreed: 'ما وافقت عليه',
  today: 'ما يقوله النص اليوم',
  changedWords: 'الكلمات المحذوفة مشطوبة، والكلمات الجديدة تحتها خط.',
  agreedUnknown: 'تعذرت قراءة النص الذي وافقت عليه حينها.',
  notBefore: 'ما لن تُسأل عنه مرة أخرى',
  notBeforeWhen: (title, time) => `${title}: ليس قبل ${time}`,

  uses: 'من استخدم بياناتك',
  usesNothing: 'لم يستخدم أحد بياناتك.',
  completeUntil: (time) => `كامل حتى ${time}`,
  permitted: 'مسموح',
  refused: 'مرفوض',
  times: (count) => counted(count, 'مرة واحدة', 'مرتان', 'مرات', 'مرة'),
  governedBy: (title) => `إلى الإعداد: ${title}`,
  reviewed: (role, items) =>
    items === null
      ? `قرأ أشخاص رسائل بصفة ${role}.`
      : `أمكن أشخاصًا أن يقرؤوا ${counted(items, 'رسالة واحدة', 'رسالتين', 'رسائل', 'رسالة')} بصفة ${role}.`,
  underCase: (id) => `الحالة ${id}`,
  lookups: 'الموظفون الذين اطلعوا على سجلك',
  earlier: 'عرض الأقدم',

  record: 'سجلك',
  history: 'كل ما قيل عنك ولك',
  historyNothing: 'لم يُقل شيء بعد.',
  choice: { granted: 'سُمح به', denied: 'رُفض', none: 'سُحب أو انتهت مدته' },
  signal: 'إشارة Global Privacy Control من متصفحك',
  profile: (region) => `مكان إقامتك: ${region}`,
  by: {
    user: () => 'منك',
    service: (id) => `من الخدمة ${id}`,
    engine: () => 'تلقائيًا',
  },
  via: {
    settings: 'في صفحة إعدادات',
    gpc: 'بإشارة من متصفحك',
    tcf: 'باختيار في موقع آخر',
    import: 'منقول من نظام سابق',
    expiry: 'لانتهاء مدته',
    lapse: 'لأن الموافقة سارية لمدة محدودة',
    birthday: 'لبلوغك سن الرشد',
  },
  receipt: 'إيصال',
  receiptOf: (what) => `إيصال: ${what}`,
  genuine: (time) => `صحيح: وقّعته هذه الخدمة في ${time}، وتحقق منه متصفحك.`,
  forged: 'غير صحيح: التوقيع ليس من هذه الخدمة. لا تعتمد عليه.',
  unchecked: 'لا يستطيع متصفحك التحقق من التوقيع. يمكن التحقق من الملف في مكان آخر.',
  keepReceipt: 'احتفظ بالإيصال',
  export: 'خذ كل شيء معك',
  exportWhat: 'كل ما يُحفظ عنك: الإعدادات والسجل ومن استخدم ماذا ومن اطلع عليه.',
  exportFile: 'ملف للحواسيب (JSON)',
  exportPage: 'صفحة للقراءة (HTML)',
  exported: 'الملف كامل. يحفظه متصفحك مع تنزيلاتك.',
  erasure: 'محو سجلك',
  erasureGoes:
    'ما يزول نهائيًا: اختياراتك وملفك هنا وسجلك وإيصالاتك. لن يستطيع أحد قراءتها مرة أخرى، ومن ذلك الحين لا يُسمح بشيء يحتاج إلى كلمتك.',
  erasureStays:
    'ما يبقى: متى قيل شيء، تحت رقم لا يقود إلى أحد، وأن شخصًا ما مُحي. من دون ذلك لا يمكن إثبات سلامة السجل. أما ما تعرفه الخدمات عنك فعليها هي أن تمحوه: اطلب ذلك منها.',
  erasureType: (word) => `للمتابعة اكتب ${word}`,
  erasureWord: 'محو',
  erasureMistyped: (word) => `لم يُمحَ شيء. اكتب ${word} في الحقل أولًا.`,
  erase: 'امحُ سجلي',
  erased: 'مُحي سجلك. لن تطلب هذه الصفحة شيئًا بعد الآن.',
  kept: 'ما الذي يبقى ولماذا',
  keptUntil: (day) => `حتى ${day}.`,
  erasedNone: 'لم يكن لك سجل ليُمحى.',

  failed: {
    signed_out: 'لقد سُجّل خروجك. لم يتغير شيء.',
    not_allowed: 'لا يسمح دخولك بقراءة هذا أو تغييره. لم يتغير شيء.',
    changed_meanwhile: 'تغيّر هذا وأنت تقرأ. هذا ما يسري الآن، ولم يُسجّل شيء.',
    nothing_recorded: 'لا يُسجَّل هنا من يستخدم البيانات.',
    no_answer: 'لم يصل جواب. يظهر آخر ما تم تأكيده. المحاولة مرة أخرى لا تسجله مرتين.',
    unavailable: 'لم تستطع الخدمة تأكيده. المحاولة مرة أخرى لا تسجله مرتين.',
    not_understood: 'تعذر فهم الجواب، فلا يُعرض.',
  },
};
