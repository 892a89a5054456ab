/** This service's own terms in receipts, where the Data Privacy Vocabulary has none. */

/** Each term with its meaning; `docs/receipts.md` is held equal to it by a test. */
export const VOCABULARY = {
  event: 'the event in the consent log: its consistency token',
  revision: 'the event in the consent log: its number',
  policyVersion: 'the policy version in force at the event',
  publication: 'the number of the publication that put it in force',
  regime: 'the law that the policy reads the region of the user as',
  setting: 'what the purpose needs in that regime: always, opt_out, opt_in or never',
  choice: 'what was said',
  withSignal: 'whether a signal had a part in it',
  signal: 'the signal that was sent',
  withdrawn: 'whether the user took the signal back',
  countsInRegime: 'whether the signal closes the purpose where the user lives',
  via: 'how the change came about',
  recordedAt: 'when the log got it, if it was said earlier',
  noticeVersion: 'the notice on which an opt-in was granted',
  noticeInForce: 'the notice in force at the event',
  noticeHash:
    'hash of the notice in the language that was shown; where that is not known, in each language that there was',
  category: 'the category of the fields',
  fieldCount: 'how many fields there are of the category and provenance',
  field: 'ids of the fields; left out where there are too many to list',
} as const;

/** The vocabulary as a JSON-LD document. @param base URL of the service, without a trailing slash */
export function vocabularyView(base: string) {
  return {
    '@context': {
      rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
      rdfs: 'http://www.w3.org/2000/01/rdf-schema#',
      assent: `${base}/vocabulary#`,
    },
    '@graph': Object.entries(VOCABULARY).map(([name, meaning]) => ({
      '@id': `assent:${name}`,
      '@type': 'rdf:Property',
      'rdfs:label': name,
      'rdfs:comment': meaning,
    })),
  };
}
