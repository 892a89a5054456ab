import { createAssent } from '@assent/client';
import { inProcess } from '@assent/client/testing';

const transport = inProcess({
  policy: {
    schema: 1,
    unknown_regime: 'EVERYWHERE',
    regimes: [{ id: 'EVERYWHERE', title: 'Everywhere', regions: ['*'] }],
    obligations: [],
    purposes: [
      {
        id: 'research',
        title: 'Research',
        description: 'We study how people find work.',
        dpv: 'ResearchAndDevelopment',
        settings: { EVERYWHERE: 'opt_in' },
        categories: ['profile'],
      },
    ],
    fields: [
      {
        id: 'member.skills',
        title: 'Skills',
        category: 'profile',
        provenance: 'provided',
        identifiability: 'quasi',
      },
    ],
    overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
    floor: { private_message: [] },
  },
  users: { 'u-1': { region: 'DE', age_band: 'adult', choices: { research: 'granted' } } },
});
const assent = createAssent({ transport, purpose: 'research' });

console.log(await assent.filter('u-1', { 'member.skills': ['welding'], 'member.email': 'u-1@example.com' }));

transport.put('u-1', { region: 'DE', age_band: 'adult', choices: { research: 'denied' } });
console.log(await assent.explain('u-1', 'member.skills'));
