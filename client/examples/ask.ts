import { createAssent } from '@assent/client';

const assent = createAssent({
  url: process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000',
  token: process.env['ASSENT_TOKEN'] ?? '',
  purpose: 'ads.personalised',
  discharges: ['min_cohort_300'],
});

if (await assent.may('u-123', 'member.skills')) console.log('read it, in groups of 300 or more');
else console.log(await assent.explain('u-123', 'member.skills'));

assent.close();
