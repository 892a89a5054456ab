/** Bodies to begin with, for the document. */
import type { Examples } from '../../http/contract/described.js';

export const PROFILES: Examples = {
  'an adult in California': { region: 'US-CA', age_band: 'adult' },
  'a minor in Germany, until they come of age': {
    region: 'DE',
    age_band: 'minor',
    adult_from: '2031-05-01T00:00:00Z',
  },
};
export const CHOICES: Examples = {
  'a grant, on the notice that the user was shown': { choice: 'granted', notice: 1, language: 'en' },
  'a grant that ends': { choice: 'granted', notice: 1, until: '2031-05-01T00:00:00Z' },
  'a no, which needs nothing else': { choice: 'denied' },
};
export const LEVELS: Examples = {
  'for connections alone': { level: 'connections' },
  'for nobody else': { level: 'only_me' },
};
export const SEVERAL: Examples = {
  'a yes and a no': {
    choices: [
      { purpose: 'ads.personalised', choice: 'granted', notice: 1 },
      { purpose: 'ai', choice: 'denied' },
    ],
  },
  'a no to everything': { choice: 'denied' },
};
