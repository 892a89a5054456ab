import type { Field, PolicyDocument, VisibilityGroup } from '../src/decision/policy.js';
import { REFERENCE } from './reference-policy.js';

/** The reference policy with a field that is made of a post and a photo, whose groups have different levels. */
export function madeOfTwoGroups(): PolicyDocument {
  const renamed = (group: VisibilityGroup): VisibilityGroup =>
    group.id === 'profile_photo'
      ? JSON.parse(JSON.stringify(group).replaceAll('"connections"', '"followers"'))
      : group;
  const made: Field = {
    id: 'post.embedding',
    title: 'An embedding',
    translations: { de: { title: 'Eine Einbettung' } },
    derived_from: ['post.text', 'public.photo'],
    transform: 'embedding',
    identifiability: 'quasi',
  };
  return {
    ...REFERENCE,
    visibility: REFERENCE.visibility?.map(renamed) ?? [],
    transforms: [
      {
        id: 'embedding',
        title: 'Embedding',
        description: 'A vector of what was said.',
        translations: { de: { title: 'Einbettung', description: 'Ein Vektor dessen, was gesagt wurde.' } },
      },
    ],
    fields: [made, ...REFERENCE.fields.filter(({ id }) => made.derived_from?.includes(id))],
  };
}
