/** Versions are built between other work, kept for a while, and put in force in one step. */
import { createHash } from 'node:crypto';
import { canonicalize } from 'json-canonicalize';
import { describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../decision/policy.js';
import { PolicyFilesError } from './text/policy-files.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { policiesOn } from '../../test/at-once.js';

/** The reference policy with another title, and so another version. */
function titled(title: string): PolicyDocument {
  return { ...REFERENCE, regimes: REFERENCE.regimes.map((regime) => ({ ...regime, title })) };
}

describe('a policy version', () => {
  it('is named by the hash of the canonical JSON of its document, whatever the order of the keys', async () => {
    const policies = policiesOn(REFERENCE);
    const turned: PolicyDocument = JSON.parse(JSON.stringify(REFERENCE), (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toReversed())
        : value,
    );
    const id = `sha256:${createHash('sha256').update(canonicalize(REFERENCE)).digest('hex')}`;
    expect(policies.current.id).toBe(id);
    expect((await policies.build(turned)).id).toBe(id);
  });

  it('that has empty sections is named as any other', () => {
    const bare = { ...REFERENCE, purposes: [], fields: [], clients: [], floor: { private_message: [] } };
    const document = {
      ...bare,
      overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
    };
    const hash = createHash('sha256').update(canonicalize(document)).digest('hex');
    expect(policiesOn(document).current.id).toBe(`sha256:${hash}`);
  });

  it('is the same whether it is built at once or in slices', async () => {
    const document = titled('one');
    const inSlices = await policiesOn(REFERENCE).build(document);
    const atOnce = policiesOn(document).current;
    expect(inSlices.id).toBe(atOnce.id);
    expect([...inSlices.rules]).toEqual([...atOnce.rules]);
    expect(JSON.stringify(inSlices.table)).toBe(JSON.stringify(atOnce.table));
  });

  it('is built while other work goes on', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await policiesOn(REFERENCE).build(titled('two'));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });

  it('that does not compile is refused with everything that is wrong', async () => {
    const [first] = REFERENCE.purposes;
    const document = {
      ...REFERENCE,
      unknown_regime: 'NOWHERE',
      purposes: [...REFERENCE.purposes, ...(first === undefined ? [] : [first])],
    };
    const policies = policiesOn(REFERENCE);
    const refused: unknown = await policies.build(document).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PolicyFilesError);
    expect(refused).toMatchObject({
      errors: expect.arrayContaining([
        expect.objectContaining({ path: 'unknown_regime' }),
        expect.objectContaining({ path: `purposes[${REFERENCE.purposes.length}].id` }),
      ]),
    });
    // and is not kept as if it had been built
    await expect(policies.build(document)).rejects.toThrow(PolicyFilesError);
  });
});

describe('the versions that are kept', () => {
  it('are not built again, not even while they are being built', async () => {
    const policies = policiesOn(REFERENCE);
    const [one, same] = await Promise.all([policies.build(titled('a')), policies.build(titled('a'))]);
    expect(same).toBe(one);
    expect(await policies.build(titled('a'))).toBe(one);
    expect(await policies.build(REFERENCE)).toBe(policies.current);
  });

  it('are four; the one that was asked for longest ago goes first', async () => {
    const policies = policiesOn(REFERENCE);
    const a = await policies.build(titled('a'));
    const b = await policies.build(titled('b'));
    await policies.build(titled('c'));
    expect(await policies.build(titled('a'))).toBe(a);
    await policies.build(titled('d'));
    await policies.build(titled('e'));
    expect(await policies.build(titled('a'))).toBe(a);
    expect(await policies.build(titled('b'))).not.toBe(b);
  });
});

describe('the version in force', () => {
  it('changes when another is put in force, and not before', async () => {
    const policies = policiesOn(REFERENCE);
    const before = policies.current;
    const next = await policies.build(titled('next'));
    expect(policies.current).toBe(before);
    policies.put(next);
    expect(policies.current).toBe(next);
    policies.put(before);
    expect(policies.current).toBe(before);
  });
});
