/** The policies that lives are lived under. */
import type { PolicyDocument, Purpose, Setting } from '../../../src/decision/policy.js';
import type { PolicyVersion } from '../../../src/policy/policy.service.js';
import { reference } from '../arbitraries.js';
import { policiesOn } from '../../at-once.js';

function purpose(
  id: string,
  settings: readonly [Setting, Setting, Setting],
  more: Partial<Purpose> = {},
): Purpose {
  const [strict, open, west] = settings;
  return {
    id,
    title: id,
    description: id,
    dpv: 'Purpose',
    settings: { STRICT: strict, OPEN: open, WEST: west },
    categories: ['public', 'profile', 'engagement'],
    ...more,
  };
}

const BASE: PolicyDocument = {
  schema: 1,
  unknown_regime: 'STRICT',
  regimes: [
    { id: 'STRICT', title: 'Strict', regions: ['DE', 'FR'] },
    { id: 'OPEN', title: 'Open', regions: ['US', '*'] },
    { id: 'WEST', title: 'West', regions: ['US-CA'] },
  ],
  obligations: [{ id: 'pseudonymise', description: 'Use a code.' }],
  purposes: [
    purpose('service', ['always', 'always', 'always']),
    purpose('ads', ['always', 'always', 'always'], { tcf: [2] }),
    purpose('ads.personal', ['opt_out', 'opt_out', 'opt_out'], { parent: 'ads', tcf: [4] }),
    purpose('ads.shared', ['opt_in', 'opt_out', 'opt_in'], {
      parent: 'ads.personal',
      lapses_after: { STRICT: 'P3D' },
      requires: ['measure'],
      tcf: [2, 7],
      obligations: ['pseudonymise'],
    }),
    purpose('measure', ['opt_in', 'opt_out', 'opt_out'], { tcf: [7], categories: ['engagement'] }),
    purpose('share', ['opt_in', 'opt_in', 'opt_out'], {
      notice: 2,
      lapses_after: { STRICT: 'P4D', OPEN: 'P2D' },
    }),
    purpose('train', ['never', 'opt_in', 'opt_out'], { tcf: [10], conditions: ['automated_only'] }),
    purpose('own', ['opt_in', 'opt_out', 'opt_in'], {
      conditions: ['own_data_only'],
      tcf: ['SP1', 1],
      lapses_after: { STRICT: 'P3D', WEST: 'P1D' },
    }),
  ],
  fields: [
    { id: 'name', category: 'public', title: 'Name', provenance: 'provided', identifiability: 'direct' },
    {
      id: 'seen',
      category: 'engagement',
      title: 'Seen',
      provenance: 'observed',
      identifiability: 'none',
      never: ['train'],
    },
  ],
  overlays: {
    minor_or_age_unknown: { never: ['ads.personal', 'share'] },
    gpc: { regimes: ['WEST'], opt_out: ['ads.shared', 'share'] },
  },
  floor: { private_message: [] },
};

function changed(
  document: PolicyDocument,
  ids: readonly string[],
  change: (purpose: Purpose) => Partial<Purpose>,
): PolicyDocument {
  const purposes = document.purposes.map((one) => (ids.includes(one.id) ? { ...one, ...change(one) } : one));
  return { ...document, purposes };
}

const raised = (document: PolicyDocument, ...ids: string[]) =>
  changed(document, ids, ({ notice = 1 }) => ({ notice: notice + 1 }));

const inOneRegime = (document: PolicyDocument, id: string, regime: string, setting: Setting) =>
  changed(document, [id], ({ settings }) => ({ settings: { ...settings, [regime]: setting } }));

/** Policies that follow one another, in any order: the first is the one that a life begins under. */
export const FAMILIES: readonly (readonly PolicyVersion[])[] = [
  [
    BASE,
    raised(BASE, 'measure', 'share', 'ads.shared'),
    changed(
      inOneRegime(
        inOneRegime(raised(BASE, 'ads.shared'), 'ads.personal', 'STRICT', 'opt_in'),
        'share',
        'OPEN',
        'opt_out',
      ),
      ['share'],
      () => ({ lapses_after: { STRICT: 'P4D' } }),
    ),
    {
      ...inOneRegime(BASE, 'measure', 'STRICT', 'opt_out'),
      overlays: {
        minor_or_age_unknown: { never: ['measure'] },
        gpc: { regimes: ['WEST', 'OPEN'], opt_out: ['measure', 'share'] },
      },
    },
    { ...BASE, purposes: BASE.purposes.filter(({ id }) => id !== 'own') },
    { ...BASE, purposes: BASE.purposes.map(({ lapses_after: _never, ...one }) => one) },
    changed(BASE, ['share'], () => ({ lapses_after: { STRICT: 'P1D' } })),
  ],
  [
    reference.document,
    raised(reference.document, 'ads.inferred', 'ads.measurement', 'share.affiliates', 'recruiting'),
    inOneRegime(reference.document, 'improve', 'EU_EEA_CH', 'opt_in'),
  ],
].map((documents) => documents.map((document) => policiesOn(document).current));

export const REGIONS = ['DE', 'FR', 'US-CA', 'US-CA', 'US', 'BR', null];

/** A policy in which line 6 alone decides: what it says of a purpose is what the settings page says. */
export const consentAlone = new Map(
  FAMILIES.flat().map(({ id, document }): [string, PolicyDocument] => [
    id,
    {
      ...document,
      purposes: document.purposes.map(({ conditions: _conditions, provenance: _provenance, ...one }) => ({
        ...one,
        categories: ['public'],
      })),
      fields: [
        { id: 'probe', category: 'public', title: 'Probe', provenance: 'provided', identifiability: 'none' },
      ],
      floor: {},
    },
  ]),
);
