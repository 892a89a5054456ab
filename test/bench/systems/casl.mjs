/** CASL alone: an ability per purpose of the reference policy, built before; each user's attributes made before. */
import { attributesOf, prebuilt } from '../comparison.mjs';

const CATEGORIES = ['public', 'profile', 'engagement', 'private_message'];

/** @param {Awaited<ReturnType<typeof import('../comparison.mjs').comparison>>} asked @param {number} users */
export function open({ policy, dependencies }, users) {
  const byUser = prebuilt(policy, dependencies, users, (attributes) =>
    Object.fromEntries(CATEGORIES.map((category) => [category, attributesOf(attributes, category)])),
  );
  const categories = new Map(policy.document.fields.map(({ id, category }) => [id, category]));
  const ask = ({ user, purpose, field }) =>
    policy.ask(purpose, field, byUser.get(user)[categories.get(field)]);
  return { ask, permits: (answer) => answer === 'permitted' };
}
