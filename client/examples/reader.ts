import { createAssent } from '@assent/client';

const url = process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000';
const assent = createAssent({
  url,
  publicUrl: process.env['ASSENT_PUBLIC_URL'] ?? url,
  token: process.env['ASSENT_TOKEN'] ?? '',
  purpose: 'ads.personalised',
  discharges: ['min_cohort_300'],
});

const grant = await assent.grant(['u-123', 'u-456'], ['member.skills'], { audience: 'profiles' });
for (const { user, reason } of grant.denied) console.log(`nothing of ${user}: ${reason}`);
if (grant.may('u-123', 'member.skills')) {
  const skills = `${process.env['PROFILES_URL'] ?? 'https://profiles.example'}/users/u-123/skills`;
  const answer = await fetch(skills, { headers: { ...(await grant.headersFor('GET', skills)) } });
  console.log(await answer.text());
}

assent.close();
