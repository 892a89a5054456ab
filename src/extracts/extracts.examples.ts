/** Bodies about extracts. */
export const EXTRACTS = {
  'posts and skills, to train a model on': {
    purpose: 'ai',
    fields: ['member.skills', 'post.text'],
    title: 'Text model, spring',
    context: { actor: 'automated' },
  },
};
