/**
 * Single edits of a policy, of every kind that an admin may think of. Not all of them compile. An edit is drawn as numbers, so
 * that it is the same in every run and shrinks.
 */
import * as fc from 'fast-check';
import {
  CATEGORIES,
  CONDITIONS,
  type Category,
  type Field,
  type Level,
  PROVENANCES,
  type PolicyDocument,
  type Purpose,
  SETTINGS,
  type VisibilityGroup,
} from '../../src/decision/policy.js';
import { at } from './arbitraries.js';

/** The next of the drawn numbers, below a bound. */
type Draw = (below: number) => number;
type Edit = (document: PolicyDocument, draw: Draw) => PolicyDocument;

function pick<T>(list: readonly T[], draw: Draw): T {
  return at(list, draw(list.length));
}

/** The list without the entry, or with it. */
function toggled<T>(list: readonly T[] | undefined, entry: T): T[] {
  const others = (list ?? []).filter((one) => one !== entry);
  return others.length === (list ?? []).length ? [...others, entry] : others;
}

/** A member that is left out when its list has become empty. */
function listed<K extends string, T>(name: K, list: readonly T[]): { [_ in K]?: readonly T[] } {
  const member: { [_ in K]?: readonly T[] } = {};
  return list.length === 0 ? member : { ...member, [name]: list };
}

/** Replaces one purpose by what becomes of it. */
function onePurpose(edit: (purpose: Purpose, draw: Draw, document: PolicyDocument) => Purpose): Edit {
  return (document, draw) => {
    const { id } = pick(document.purposes, draw);
    const purposes = document.purposes.map((one) => (one.id === id ? edit(one, draw, document) : one));
    return { ...document, purposes };
  };
}

/** Replaces one field by what becomes of it; the category is drawn first, so that no category is seldom hit. */
function oneField(edit: (field: Field, draw: Draw, document: PolicyDocument) => Field): Edit {
  return (document, draw) => {
    const { id } = fieldOf(document, draw);
    return {
      ...document,
      fields: document.fields.map((one) => (one.id === id ? edit(one, draw, document) : one)),
    };
  };
}

function fieldOf({ fields }: PolicyDocument, draw: Draw): Field {
  const category = pick([...new Set(fields.map((field) => field.category))], draw);
  return pick(
    fields.filter((field) => field.category === category),
    draw,
  );
}

const idOf = ({ purposes }: PolicyDocument, draw: Draw) => pick(purposes, draw).id;

/** The document with every name of a purpose replaced; by nothing where there is no other. */
function renamedPurpose(document: PolicyDocument, from: string, to: string | undefined): PolicyDocument {
  const one = (id: string) => (id === from ? (to === undefined ? [] : [to]) : [id]);
  const all = (ids: readonly string[]) => ids.flatMap(one);
  const { minor_or_age_unknown: youth, gpc } = document.overlays;
  return {
    ...document,
    purposes: document.purposes.flatMap(({ parent, requires, ...purpose }) =>
      one(purpose.id).map((id) => ({
        ...purpose,
        id,
        ...(parent === undefined ? {} : Object.fromEntries(one(parent).map((name) => ['parent', name]))),
        ...listed('requires', all(requires ?? [])),
      })),
    ),
    fields: document.fields.map(({ never, only, ...field }) => ({
      ...field,
      ...listed('never', all(never ?? [])),
      ...listed('only', all(only ?? [])),
    })),
    overlays: {
      minor_or_age_unknown: { never: all(youth.never) },
      gpc: { ...gpc, opt_out: all(gpc.opt_out) },
    },
    floor: Object.fromEntries(Object.entries(document.floor).map(([category, ids]) => [category, all(ids)])),
  };
}

/** Lets a purpose through the floor of a category, if it has one. */
function letThrough(
  floor: PolicyDocument['floor'],
  category: Category,
  purpose: string,
): PolicyDocument['floor'] {
  const list = floor[category];
  return list === undefined || list.includes(purpose) ? floor : { ...floor, [category]: [...list, purpose] };
}

function moved(document: PolicyDocument, region: string, to: string): PolicyDocument['regimes'] {
  return document.regimes.map((regime) => {
    const others = regime.regions.filter((one) => one !== region);
    return { ...regime, regions: regime.id === to ? [...others, region] : others };
  });
}

/** Replaces one visibility group by what becomes of it. */
function oneGroup(
  edit: (group: VisibilityGroup, draw: Draw, document: PolicyDocument) => VisibilityGroup,
): Edit {
  return (document, draw) => {
    const { visibility = [] } = document;
    if (visibility.length === 0) return document;
    const { id } = pick(visibility, draw);
    return {
      ...document,
      visibility: visibility.map((one) => (one.id === id ? edit(one, draw, document) : one)),
    };
  };
}

/** The defaults with another level for one. */
function renamedLevel({ defaults }: VisibilityGroup, from: string, to: string): VisibilityGroup['defaults'] {
  const within = (levels: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(levels).map(([regime, level]) => [regime, level === from ? to : level]),
    );
  return {
    adult: within(defaults.adult),
    minor_or_age_unknown: within(defaults.minor_or_age_unknown),
  };
}

/** Replaces one derived field by what becomes of it; nothing where there is none. */
function oneDerived(edit: (field: Field, draw: Draw, document: PolicyDocument) => Field): Edit {
  return (document, draw) => {
    const derived = document.fields.filter(({ derived_from }) => derived_from !== undefined);
    if (derived.length === 0) return document;
    const { id } = pick(derived, draw);
    const fields = document.fields.map((one) => (one.id === id ? edit(one, draw, document) : one));
    return { ...document, fields };
  };
}

const EDITS: Readonly<Record<string, Edit>> = {
  'a purpose is named by the floor of a category, or no longer': (document, draw) => {
    const category = pick(CATEGORIES, draw);
    const purpose = idOf(document, draw);
    return {
      ...document,
      floor: { ...document.floor, [category]: toggled(document.floor[category], purpose) },
    };
  },
  'a category loses its floor': ({ floor, ...document }, draw) => {
    const lost = pick(CATEGORIES, draw);
    return { ...document, floor: Object.fromEntries(Object.entries(floor).filter(([one]) => one !== lost)) };
  },
  'a purpose reads one more category, and is let through its floor': (document, draw) => {
    const category = pick([...CATEGORIES, 'private_message', 'private_message'] as const, draw);
    const purpose = idOf(document, draw);
    return {
      ...document,
      purposes: document.purposes.map((one) =>
        one.id === purpose ? { ...one, categories: [...new Set([...one.categories, category])] } : one,
      ),
      floor: letThrough(document.floor, category, purpose),
    };
  },
  'a purpose reads one more category, or one less': onePurpose((purpose, draw) => ({
    ...purpose,
    categories: toggled(purpose.categories, pick(CATEGORIES, draw)),
  })),
  'a purpose reads one more provenance, or one less': onePurpose(({ provenance, ...purpose }, draw) => ({
    ...purpose,
    ...listed('provenance', toggled(provenance, pick(PROVENANCES, draw))),
  })),
  'a setting in one regime': onePurpose((purpose, draw, { regimes }) => ({
    ...purpose,
    settings: { ...purpose.settings, [pick(regimes, draw).id]: pick(SETTINGS, draw) },
  })),
  'a setting in all regimes': onePurpose((purpose, draw, { regimes }) => {
    const setting = pick(SETTINGS, draw);
    return { ...purpose, settings: Object.fromEntries(regimes.map(({ id }) => [id, setting])) };
  }),
  'a condition more, or one less': onePurpose(({ conditions, ...purpose }, draw) => ({
    ...purpose,
    ...listed('conditions', toggled(conditions, pick(CONDITIONS, draw))),
  })),
  'an obligation more, or one less': onePurpose(({ obligations, ...purpose }, draw, document) => ({
    ...purpose,
    ...listed('obligations', toggled(obligations, pick(document.obligations, draw).id)),
  })),
  'another notice': onePurpose((purpose, draw) => ({ ...purpose, notice: 1 + draw(4) })),
  'the database must confirm what a purpose rests on, or no longer': onePurpose(
    ({ consistency, ...purpose }): Purpose =>
      consistency === undefined ? { ...purpose, consistency: 'confirmed' } : purpose,
  ),
  'another parent': onePurpose((purpose, draw, document) => ({ ...purpose, parent: idOf(document, draw) })),
  'no parent': onePurpose(({ parent: _parent, ...purpose }) => purpose),
  'a purpose is required, or no longer': onePurpose(({ requires, ...purpose }, draw, document) => ({
    ...purpose,
    ...listed('requires', toggled(requires, idOf(document, draw))),
  })),
  'a new purpose like another one': (document, draw) => {
    const like = pick(document.purposes, draw);
    const floors = CATEGORIES.filter((category) => document.floor[category]?.includes(like.id) === true);
    return {
      ...document,
      purposes: [...document.purposes, { ...like, id: 'fresh' }],
      floor: floors.reduce((floor, category) => letThrough(floor, category, 'fresh'), document.floor),
    };
  },
  'a purpose is renamed': (document, draw) => renamedPurpose(document, idOf(document, draw), 'renamed'),
  'two purposes swap their names': (document, draw) => {
    const [one, other] = [idOf(document, draw), idOf(document, draw)];
    const once = renamedPurpose(document, one, 'swapped');
    return renamedPurpose(renamedPurpose(once, other, one), 'swapped', other);
  },
  'a purpose is removed': (document, draw) =>
    document.purposes.length === 1 ? document : renamedPurpose(document, idOf(document, draw), undefined),
  'a field of another category': oneField((field, draw) => ({ ...field, category: pick(CATEGORIES, draw) })),
  'a field without a category': oneField((field) => ({ ...field, category: 'unclassified' })),
  'a field of another provenance': oneField((field, draw) => ({
    ...field,
    provenance: pick(PROVENANCES, draw),
  })),
  'a field never for one more purpose, or one less': oneField(({ never, ...field }, draw, document) => ({
    ...field,
    ...listed('never', toggled(never, idOf(document, draw))),
  })),
  'a field only for one more purpose, or one less': oneField(({ only, ...field }, draw, document) => ({
    ...field,
    ...listed('only', toggled(only, idOf(document, draw))),
  })),
  'a new field like another one': (document, draw) => ({
    ...document,
    fields: [...document.fields, { ...fieldOf(document, draw), id: 'fresh.field' }],
  }),
  'a field is renamed': oneField((field) => ({ ...field, id: 'renamed.field' })),
  'two fields swap their names': (document, draw) => {
    const [one, other] = [fieldOf(document, draw), fieldOf(document, draw)];
    const names = new Map([
      [one.id, other.id],
      [other.id, one.id],
    ]);
    return {
      ...document,
      fields: document.fields.map((field) => ({ ...field, id: names.get(field.id) ?? field.id })),
    };
  },
  'a field is removed': (document, draw) => {
    const { id } = fieldOf(document, draw);
    const fields = document.fields.filter((field) => field.id !== id);
    return fields.length === 0 ? document : { ...document, fields };
  },
  'a derived field of one source more, or one less': oneDerived((field, draw, { fields }) => ({
    ...field,
    derived_from: toggled(field.derived_from, pick(fields, draw).id),
  })),
  'a field is made of others from now on': oneField(
    ({ category: _category, provenance: _provenance, visibility: _visibility, ...field }, draw, document) =>
      document.transforms === undefined
        ? { ...field, category: 'public', provenance: 'provided' }
        : {
            ...field,
            derived_from: [pick(document.fields, draw).id],
            transform: pick(document.transforms, draw).id,
          },
  ),
  'a derived field becomes one of its own': oneDerived(
    ({ derived_from: _from, transform: _transform, release: _release, ...field }, draw) => ({
      ...field,
      category: pick(CATEGORIES, draw),
      provenance: pick(PROVENANCES, draw),
    }),
  ),
  'a derived field is released, or no longer': oneDerived(({ release, ...field }, draw, document) => {
    const others = (document.transforms ?? []).filter(
      (one) => (one.release === undefined) !== (release === undefined),
    );
    const other = others.length === 0 ? undefined : pick(others, draw);
    if (other === undefined) return field;
    return {
      ...field,
      transform: other.id,
      ...(release === undefined
        ? { release: { category: pick(CATEGORIES, draw), reason: 'So it is.', review: '2027-01-31' } }
        : {}),
    };
  }),
  'a release of another category, or with another obligation': oneDerived((field, draw, document) => {
    if (field.release === undefined) return field;
    const { obligations, ...release } = field.release;
    return draw(2) === 0
      ? { ...field, release: { ...field.release, category: pick(CATEGORIES, draw) } }
      : {
          ...field,
          release: {
            ...release,
            ...listed('obligations', toggled(obligations, pick(document.obligations, draw).id)),
          },
        };
  }),
  'a transform copies, or no longer': (document, draw) => {
    if (document.transforms === undefined) return document;
    const { id } = pick(document.transforms, draw);
    const transforms = document.transforms.map((one) =>
      one.id === id ? { ...one, copies: one.copies !== true } : one,
    );
    return { ...document, transforms };
  },
  'a removed field is remembered': (document, draw) => {
    const { id, category = 'public', provenance = 'inferred' } = fieldOf(document, draw);
    const fields = document.fields.filter((field) => field.id !== id);
    if (fields.length === 0) return document;
    const memory = {
      id,
      categories: category === 'unclassified' ? [] : [category],
      provenances: [provenance],
    };
    return { ...document, fields, removed: [...(document.removed ?? []), memory] };
  },
  'a field leaves its visibility group': oneField(({ visibility: _visibility, ...field }) => field),
  'a field comes under a visibility group, or another one': oneField((field, draw, { visibility = [] }) =>
    visibility.length === 0 ? field : { ...field, visibility: pick(visibility, draw).id },
  ),
  'a field that levels could protect is made public, and comes under a group': oneField(
    (field, draw, { visibility = [] }) =>
      visibility.length === 0
        ? field
        : { ...field, category: 'public', visibility: pick(visibility, draw).id },
  ),
  'a level of another category': oneGroup((group, draw) => {
    const level = pick(group.levels, draw);
    const category = pick(CATEGORIES, draw);
    return { ...group, levels: group.levels.map((one) => (one === level ? { ...one, category } : one)) };
  }),
  'all levels of one category': oneGroup((group, draw) => {
    const category = pick(CATEGORIES, draw);
    return { ...group, levels: group.levels.map((one) => ({ ...one, category })) };
  }),
  'a level is renamed': oneGroup((group, draw) => {
    const { id } = pick(group.levels, draw);
    const levels = group.levels.map((one) => (one.id === id ? { ...one, id: 'renamed' } : one));
    return { ...group, levels, defaults: renamedLevel(group, id, 'renamed') };
  }),
  'a level is removed': oneGroup((group, draw) => {
    const { id } = pick(group.levels, draw);
    const levels = group.levels.filter((one) => one.id !== id);
    const [first] = levels;
    return first === undefined
      ? group
      : { ...group, levels, defaults: renamedLevel(group, id, levels.at(-1)?.id ?? first.id) };
  }),
  'two levels swap their places': oneGroup((group, draw) => {
    const [one, other] = [pick(group.levels, draw), pick(group.levels, draw)];
    const swapped = (level: Level) => (level === one ? other : level === other ? one : level);
    // each keeps the category of its place
    const levels = group.levels.map((level) => ({ ...swapped(level), category: level.category }));
    return { ...group, levels };
  }),
  'another default': oneGroup((group, draw, { regimes }) => {
    const age = pick(['adult', 'minor_or_age_unknown'] as const, draw);
    const level = pick(group.levels, draw).id;
    const everywhere = draw(2) === 0;
    const { id } = pick(regimes, draw);
    const defaults = everywhere
      ? Object.fromEntries(regimes.map((regime) => [regime.id, level]))
      : { ...group.defaults[age], [id]: level };
    return { ...group, defaults: { ...group.defaults, [age]: defaults } };
  }),
  'a visibility group is renamed': (document, draw) => {
    const { visibility = [] } = document;
    if (visibility.length === 0) return document;
    const { id } = pick(visibility, draw);
    return {
      ...document,
      visibility: visibility.map((one) => (one.id === id ? { ...one, id: 'fresh_group' } : one)),
      fields: document.fields.map((field) =>
        field.visibility === id ? { ...field, visibility: 'fresh_group' } : field,
      ),
    };
  },
  'a purpose is closed for minors, or no longer': (document, draw) => {
    const never = toggled(document.overlays.minor_or_age_unknown.never, idOf(document, draw));
    return { ...document, overlays: { ...document.overlays, minor_or_age_unknown: { never } } };
  },
  'a purpose hears the signal, or no longer': (document, draw) => {
    const { gpc } = document.overlays;
    const opt_out = toggled(gpc.opt_out, idOf(document, draw));
    return { ...document, overlays: { ...document.overlays, gpc: { ...gpc, opt_out } } };
  },
  'a regime hears the signal, or no longer': (document, draw) => {
    const { gpc } = document.overlays;
    const regimes = toggled(gpc.regimes, pick(document.regimes, draw).id);
    return { ...document, overlays: { ...document.overlays, gpc: { ...gpc, regimes } } };
  },
  'a region moves to another regime': (document, draw) => {
    const region = pick(
      document.regimes.flatMap(({ regions }) => regions),
      draw,
    );
    return { ...document, regimes: moved(document, region, pick(document.regimes, draw).id) };
  },
  'a regime lists one more region': (document, draw) => {
    const { id } = pick(document.regimes, draw);
    return { ...document, regimes: moved(document, pick(['ZW', 'US-NY', 'DE-BE', 'KE'], draw), id) };
  },
  'a new regime takes a region': (document, draw) => {
    const like = pick(document.regimes, draw);
    const [region = 'KE'] = like.regions;
    const regimes = [...document.regimes, { id: 'FRESH', title: 'Fresh', regions: [] }];
    return {
      ...document,
      regimes: moved({ ...document, regimes }, region, 'FRESH'),
      purposes: document.purposes.map((purpose) => {
        const setting = purpose.settings[like.id];
        return setting === undefined
          ? purpose
          : { ...purpose, settings: { ...purpose.settings, FRESH: setting } };
      }),
    };
  },
  'another regime for users of unknown region': (document, draw) => ({
    ...document,
    unknown_regime: pick(document.regimes, draw).id,
  }),
};

/** Edits that may move the floor, drawn more often: there are few of them, and they are what the floor proof is for. */
const AT_THE_FLOOR = [
  'a purpose reads one more category, and is let through its floor',
  'a field of another category',
  'a new purpose like another one',
  'two fields swap their names',
  'a field leaves its visibility group',
  'a field that levels could protect is made public, and comes under a group',
  'a level of another category',
  'all levels of one category',
  'a visibility group is renamed',
];
const DRAWN = [Object.keys(EDITS), ...Array.from({ length: 5 }, () => AT_THE_FLOOR)].flat();

/** One edit: what it is, and what it makes of a document. */
export type DrawnEdit = {
  readonly what: string;
  readonly apply: (document: PolicyDocument) => PolicyDocument;
};

/** Single edits. */
export const edits: fc.Arbitrary<DrawnEdit> = fc
  .tuple(fc.nat(DRAWN.length - 1), fc.array(fc.nat(9_999), { minLength: 6, maxLength: 6 }))
  .map(([kind, numbers]) => {
    const what = at(DRAWN, kind);
    const edit = EDITS[what];
    return {
      what,
      apply: (document) => {
        let next = 0;
        const draw: Draw = (below) => at(numbers, next++) % Math.max(below, 1);
        return edit === undefined ? document : edit(document, draw);
      },
    };
  });
