import { describe, expect, it } from 'vitest';
import { clientChanges } from './client-changes.js';
import type { PolicyDocument } from '../../policy.js';
import { rewritesBetween } from './rewrites.js';
import { sentenceOfRewrite } from '../sentences.js';
import { REFERENCE } from '../../../../test/reference-policy.js';

/** Judged by the cells that they open and close, or by the ceremony of the floor. */
const CELLS =
  /^(unknown_regime|floor\.|regimes\.\d+\.regions|purposes\.\d+\.(settings|lapses_after|categories|provenance|conditions|requires|notice|consistency)|fields\.\d+\.(never|only)|visibility\.\d+\.defaults|overlays\.minor_or_age_unknown)/;

/** The document with every leaf of it changed in turn. */
function* changes(
  value: unknown,
  path = '',
): Generator<{ readonly path: string; readonly changed: unknown }> {
  if (typeof value !== 'object' || value === null) {
    yield {
      path,
      changed: typeof value === 'string' ? `${value}x` : typeof value === 'number' ? value + 1 : !value,
    };
    return;
  }
  for (const [name, member] of Object.entries(value))
    for (const { path: at, changed } of changes(member, path === '' ? name : `${path}.${name}`))
      yield {
        path: at,
        changed: Array.isArray(value)
          ? value.map((item: unknown, index) => (String(index) === name ? changed : item))
          : { ...value, [name]: changed },
      };
}

/** A document of which a part is yet to be said. */
const NOTHING: PolicyDocument = { ...REFERENCE, regimes: [], obligations: [], purposes: [], fields: [] };

/** The document in parts: an entry of a list each, so that each comparison is small. */
function* parts(): Generator<object> {
  for (const [section, part] of Object.entries(REFERENCE))
    if (Array.isArray(part)) for (const entry of part) yield { [section]: [entry] };
    else yield { [section]: part };
}

const after = (changed: unknown): PolicyDocument => Object.assign(structuredClone(REFERENCE), changed);

function said(change: Partial<PolicyDocument> & Record<string, unknown>): string[] {
  return rewritesBetween(REFERENCE, after(change)).map(sentenceOfRewrite);
}

const [OBLIGATION, ...OTHERS] = REFERENCE.obligations;

describe('what a policy says otherwise', () => {
  it('is every leaf of it that is not judged by its cells, and is told, of clients in words of their own', () => {
    let leaves = 0;
    for (const part of parts())
      for (const { path, changed } of changes(part)) {
        leaves++;
        const [before = NOTHING, now = NOTHING] = [part, changed].map((one) =>
          Object.assign({ ...NOTHING }, one),
        );
        const told = [...rewritesBetween(before, now), ...clientChanges(before, now)];
        expect(told.length > 0, path).toBe(!CELLS.test(path));
      }
    expect(leaves).toBeGreaterThan(900);
  });

  it('is a member that nobody has thought of yet, and an entry more or less of it', () => {
    const newcomers = [{ id: 'ads', may: ['ads', 'ai'] }];
    expect(said({ newcomers })).toEqual(['the `newcomers` entry `ads` is new']);
    expect(said({ unheard_of: 'refuse' })).toEqual(['`unheard_of` changes from nothing to "refuse"']);
    const some = after({ newcomers });
    const fewer = after({ newcomers: [{ id: 'ads', may: ['ads'] }] });
    expect(rewritesBetween(some, fewer).map(sentenceOfRewrite)).toEqual([
      '`may` of the `newcomers` entry `ads` changes from "ads", "ai" to "ads"',
    ]);
    expect(rewritesBetween(some, REFERENCE).map(sentenceOfRewrite)).toEqual([
      'the `newcomers` entry `ads` is removed',
    ]);
  });

  it('is told whole, from what to what', () => {
    expect(OBLIGATION).toBeDefined();
    const { id = '', description = '' } = OBLIGATION ?? {};
    const emptied = { ...OBLIGATION, id, description: '' };
    expect(said({ obligations: [emptied, ...OTHERS] })).toEqual([
      `\`description\` of the obligation \`${id}\` changes from ${JSON.stringify(description)} to ""`,
    ]);
    const purposes = REFERENCE.purposes.map((purpose) => {
      if (purpose.id !== 'ads.personalised') return purpose;
      const { tcf: _tcf, ...others } = purpose;
      return others;
    });
    expect(said({ purposes })).toEqual([
      expect.stringMatching(/^`tcf` of the purpose `ads\.personalised` changes from [\d, ]+ to nothing$/),
    ]);
    const overlays = { ...REFERENCE.overlays, gpc: { regimes: [], opt_out: REFERENCE.overlays.gpc.opt_out } };
    expect(said({ overlays })).toEqual([
      expect.stringMatching(/^`gpc\.regimes` of `overlays` changes from .+ to nothing$/),
    ]);
  });

  it('is nothing where entries stand in another order', () => {
    const backwards = {
      purposes: REFERENCE.purposes.toReversed(),
      fields: REFERENCE.fields.toReversed(),
      obligations: REFERENCE.obligations.toReversed(),
    };
    expect(said(backwards)).toEqual([]);
    expect(said({ languages: ['de', 'en'] })).not.toEqual([]);
  });
});
