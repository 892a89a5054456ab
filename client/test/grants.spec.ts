/** Grants of the real service: asked for, shown to an owner, and refused wherever something does not fit. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Assent, createAssent } from '../src/assent.js';
import type { Grant } from '../src/grants/grant.js';
import { type Verifier, createVerifier } from '../src/grants/verifier.js';
import { clientToken, everywhere } from './people.js';

const PURPOSE = 'ads.personalised';
const FIELDS = ['member.skills', 'member.education', 'message.body'];
const URL_OF_OWNER = 'https://profiles.example/users/g-open?full=yes';

let assent: Assent;
let verifier: Verifier;

beforeAll(async () => {
  await everywhere(
    {
      'g-open': { region: 'US-CA', age_band: 'adult' },
      'g-other': { region: 'US-CA', age_band: 'adult' },
      'g-closed': { region: 'US-CA', age_band: 'adult', choices: { [PURPOSE]: 'denied' } },
    },
    [PURPOSE],
  );
  const { url, publicUrl } = inject('service');
  const token = await clientToken([PURPOSE]);
  const common = { purpose: PURPOSE, discharges: ['min_cohort_300'], timeout: 30_000 };
  assent = createAssent({ ...common, url, publicUrl, token });
});
beforeEach(() => {
  verifier = createVerifier({
    url: inject('service').url,
    issuer: inject('service').publicUrl,
    audience: 'profiles',
    discharges: ['min_cohort_300'],
  });
  return () => verifier.close();
});
afterAll(() => assent.close());

function ask(users: string | readonly string[], fields = FIELDS, seconds = 60): Promise<Grant> {
  return assent.grant(users, fields, { audience: 'profiles', seconds });
}

/** A request to the owner with a grant, and a proof of its own. */
async function requestWith(grant: Grant, method = 'GET', url = URL_OF_OWNER) {
  const headers = await grant.headersFor(method, url);
  return { grant: headers['assent-grant'], proof: headers.dpop, method, url };
}

describe('a grant', () => {
  test('permits its holder what an evaluation permits, and says why not the rest', async () => {
    const grant = await ask('g-open');
    expect(FIELDS.map((field) => grant.may('g-open', field))).toEqual([true, true, false]);
    expect(grant.denied).toMatchObject([{ user: 'g-open', field: 'message.body', reason: 'floor' }]);
    const verdict = await verifier.verify(await requestWith(grant), {
      user: 'g-open',
      field: FIELDS.slice(0, 2),
    });
    expect(verdict).toMatchObject({
      permitted: true,
      client: 'client',
      purpose: PURPOSE,
      obligations: ['min_cohort_300'],
    });
  });
});
