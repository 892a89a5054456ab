/** The console's own words. Sentences about the policy come from the engine. */
const number = new Intl.NumberFormat('en');
const plural = new Intl.PluralRules('en');
const counted = (count: number, one: string, many: string) =>
  `${number.format(count)} ${plural.select(count) === 'one' ? one : many}`;

export const en = {
  name: 'Assent',
  skip: 'Skip to the content',
  sections: 'Sections',
  views: {
    home: 'Home',
    matrix: 'Matrix',
    drafts: 'Drafts',
    versions: 'Versions',
    replay: 'Replay',
    consent: 'Consent',
    operation: 'Operation',
    reviews: 'Reviews',
    proof: 'Log and keys',
    uses: 'Uses',
    cases: 'Cases',
  },
  tasks: { see: 'See', change: 'Change', prove: 'Prove' },
  signIn: 'Sign in',
  signOut: 'Sign out',
  leaving: {
    title: 'Something is not saved',
    says: 'If you sign out, it is removed from this browser and cannot be brought back.',
    draft: (draft: string) => `Text of the draft ${draft}`,
    writing: 'Text in a form that was not sent, here or in another tab',
    leave: 'Sign out and remove it',
    stay: 'Stay signed in',
  },
  notSignedOut: 'The service did not end the session. You are still signed in: try again.',
  signedOut: 'You are not signed in.',
  signedInAs: (id: string, roles: string) => `${id}, ${roles}`,
  notAdmin: 'The console is for admins. You have no admin role.',
  language: 'Language',
  palette: 'Go to',
  paletteHint: 'Type a view, a purpose or a field',
  paletteNothing: 'Nothing of that name.',
  notForYou: 'not with your roles',
  notFound: 'There is no such view.',
  reading: 'Reading',
  tryAgain: 'Try again',
  broken:
    'A part of the page could not be loaded or shown. The service may have been updated, or its answer was not understood.',
  loadAnew: 'Reload the page',
  noSuchTime: 'There is no such time here: write a year of four digits. Nothing was sent.',
  wait: 'Wait',
  stopped: 'Stopped. There is no answer.',
  seconds: (seconds: number) => `${number.format(seconds)} s`,
  cancel: 'Cancel',
  close: 'Close',
  copyLink: 'Copy the link to this view',
  copied: 'Copied.',
  exportTable: 'Export as CSV',
  print: 'Print',
  zone: (zone: string) => `All times in ${zone}.`,
  rows: (count: number) => counted(count, 'row', 'rows'),
  mayNot: 'You may not do this:',
  failed: {
    no_answer: 'No answer arrived. What is shown may be old.',
    not_understood: 'The answer could not be understood, so it is not shown.',
    not_authenticated:
      'You are not signed in any more. Sign in in another tab and try again here: nothing is lost.',
    draft_edited: 'The draft has been edited since. Nothing was done.',
    caller_not_allowed: 'Your roles do not allow this.',
    here: 'This page could not do it.',
    other: 'The service refused.',
  },
};

/** Every language has all of these. */
export type Words = typeof en;
