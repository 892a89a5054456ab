/** The page's own words. What a purpose is, and why it is on or off, comes from the service. */
const one = new Intl.PluralRules('en');
const uses = (count: number) => (one.select(count) === 'one' ? '1 use' : `${count} uses`);

export const en = {
  title: 'Your data, your settings',
  sections: 'Sections',
  language: 'Language',
  views: {
    settings: 'Settings',
    review: 'Review',
    uses: 'Who used my data',
    record: 'My record',
  },
  tryAgain: 'Try again',
  signIn: 'Sign in',
  signOut: 'Sign out',
  saving: 'Saving. What is shown still holds.',

  settings: 'What your data is used for',
  law: (title: string) => `The law where you live: ${title}`,
  on: 'On',
  off: 'Off',
  refuse: 'Refuse',
  allow: 'Allow',
  question: (title: string) => `${title}: your answer`,
  refuseAll: 'Refuse all',
  refuseAllWhat: (count: number) =>
    count === 0 ? 'Everything that can be refused is off now.' : `Turns off ${uses(count)}, at once.`,
  gpc: (count: number) =>
    `Your browser sends Global Privacy Control: do not sell or share my data. It is heard, and closes ${uses(count)}.`,
  ifAllowed: 'Allow: this data may be used for it.',
  ifRefused: 'Refuse: this data is not used for it.',
  alsoCloses: (titles: string) => `It also turns off: ${titles}.`,
  alsoOpens: (titles: string) => `It also turns on: ${titles}.`,
  holdsFor: (duration: string) => `It holds for ${duration}. Then you are asked again.`,
  staysOffUntil: (titles: string) => `It stays off until this is on: ${titles}.`,
  againstSignal: 'Allowing counts although your browser sends Global Privacy Control.',
  data: (count: number) =>
    one.select(count) === 'one' ? 'Your data it uses: 1 kind' : `Your data it uses: ${count} kinds`,
  noData: 'It uses none of your data.',
  categories: {
    public: 'Public',
    profile: 'Profile',
    engagement: 'What you do here',
    private_message: 'Private messages',
  },
  setAt: (time: string) => `Since ${time}`,
  endsOn: (day: string) => `Your yes ends on ${day}.`,
  onSince: (time: string) => `On for every decision since ${time}`,
  offSince: (time: string) => `Off for every decision since ${time}`,
  allOffSince: (time: string) => `All that can be refused is off for every decision since ${time}`,
  levelSince: (level: string, time: string) => `${level}, for every decision since ${time}`,
  recordedAndOff: (time: string) => `Recorded at ${time}. It stays off.`,
  unsent: (answer: string) => `Your answer was “${answer}”. You were signed out, so it was not recorded.`,
  recordedUnread: 'Recorded. What holds now could not be read.',
  undo: 'Undo',
  undone: (time: string) => `Taken back at ${time}. Below is how it stands now.`,
  visibility: 'Who may see your data',

  review: 'What you are asked',
  reviewNothing: 'You are not asked for anything now.',
  agreed: 'What you agreed to',
  today: 'What it says today',
  changedWords: 'Words that were taken out are struck through; words that are new are underlined.',
  agreedUnknown: 'The text that you agreed to then could not be read.',
  notBefore: 'What you are not asked for again',
  notBeforeWhen: (title: string, time: string) => `${title}: not before ${time}`,

  uses: 'Who used your data',
  usesNothing: 'Nobody has used your data.',
  completeUntil: (time: string) => `Complete until ${time}`,
  permitted: 'Permitted',
  refused: 'Refused',
  times: (count: number) => (one.select(count) === 'one' ? 'once' : `${count} times`),
  governedBy: (title: string) => `Go to the setting: ${title}`,
  reviewed: (role: string, items: number | null) =>
    items === null
      ? `People read messages, as ${role}.`
      : `People could read ${items === 1 ? '1 message' : `${items} messages`}, as ${role}.`,
  underCase: (id: string) => `Case ${id}`,
  lookups: 'Staff who looked into your record',
  earlier: 'Show earlier ones',

  record: 'Your record',
  history: 'Everything that was said for you',
  historyNothing: 'Nothing was said yet.',
  choice: { granted: 'Allowed', denied: 'Refused', none: 'Taken back or run out' },
  signal: 'Global Privacy Control of your browser',
  profile: (region: string) => `Where you live: ${region}`,
  by: {
    user: () => 'by you',
    service: (id: string) => `by the service ${id}`,
    engine: () => 'by itself',
  },
  via: {
    settings: 'on a settings page',
    gpc: 'by a signal of your browser',
    tcf: 'by a choice on another site',
    import: 'taken over from an earlier system',
    expiry: 'because its time ended',
    lapse: 'because consent holds for a limited time',
    birthday: 'because you came of age',
  },
  receipt: 'Receipt',
  receiptOf: (what: string) => `Receipt: ${what}`,
  genuine: (time: string) => `Genuine: signed by this service on ${time}, checked in your browser.`,
  forged: 'Not genuine: the signature is not of this service. Do not rely on it.',
  unchecked: 'Your browser cannot check the signature. The file can be checked elsewhere.',
  keepReceipt: 'Keep the receipt',
  export: 'Take everything with you',
  exportWhat: 'All that is held about you: settings, history, who used what, and who looked into it.',
  exportFile: 'A file for computers (JSON)',
  exportPage: 'A page to read (HTML)',
  exported: 'The file is complete. Your browser keeps it with your downloads.',
  erasure: 'Erase your record',
  erasureGoes:
    'What goes, for good: your choices, your profile here, your history and your receipts. Nobody can read them again, and from then on nothing that needs your word is permitted.',
  erasureStays:
    'What stays: when something was said, under a number that leads to nobody, and that somebody was erased. Without these, nobody could prove that the log is whole. What services know of you themselves is theirs to erase: ask them.',
  erasureType: (word: string) => `To go on, type ${word}`,
  erasureWord: 'ERASE',
  erasureMistyped: (word: string) => `Nothing was erased. Type ${word} in the field first.`,
  erase: 'Erase my record',
  erased: 'Your record is erased. This page asks for nothing more.',
  kept: 'What is kept, and why',
  keptUntil: (day: string) => `Until ${day}.`,
  erasedNone: 'There was no record of you to erase.',

  failed: {
    signed_out: 'You are signed out. Nothing was changed.',
    not_allowed: 'This may not be read or changed with your sign-in. Nothing was changed.',
    changed_meanwhile:
      'This changed while you were reading. Here is how it stands now; nothing was recorded.',
    nothing_recorded: 'Who uses data is not recorded here.',
    no_answer: 'No answer arrived, so nothing is shown as changed. Trying again cannot record it twice.',
    unavailable: 'The service could not confirm it. Trying again cannot record it twice.',
    not_understood: 'The answer could not be understood, so it is not shown.',
  },
};

/** Every language has all of these. */
export type Words = typeof en;
