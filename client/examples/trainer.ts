import { createAssent } from '@assent/client';

const assent = createAssent({
  url: process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000',
  token: process.env['ASSENT_TOKEN'] ?? '',
  purpose: 'ai',
  discharges: ['deidentify', 'min_cohort_50', 'training_snapshot_id'],
});

const fields = ['member.skills', 'post.text'];
const extract = await assent.openExtract(fields, { title: 'Text model, spring' });
const handles = new Map<string, string>();
const audience = assent.audience(['u-1', 'u-2', 'u-9'], fields, { extract: extract.id });
for await (const { user, permitted, member } of audience)
  if (permitted && member !== undefined) handles.set(user, member);
await extract.close();

const { members, since } = await extract.withdrawn();
const remaining = [...handles.values()].filter((handle) => !members.has(handle));
console.log(`train on ${remaining.length} of ${handles.size}`);
await extract.unlearned(since);

assent.close();
