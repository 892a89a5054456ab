/**
 * The ranker. It chooses an ad for those who visit a page: one for all of them, by the skill that most of them have. It uses
 * the skills of those who permit personalised ads, as one group of at least 300 people, and keeps nothing.
 */
import { createAssent } from '@assent/client';
import { ObligationError, minCohort } from '@assent/client/obligations';
import { fastify } from 'fastify';
import { readProfiles } from './reading.mjs';

const { ASSENT_URL, ASSENT_TOKEN, PROFILES_URL, PORT = '0' } = process.env;

const assent = createAssent({
  url: ASSENT_URL,
  token: ASSENT_TOKEN,
  purpose: 'ads.personalised',
  // by `groupOf`
  discharges: ['min_cohort_300'],
});
const server = fastify({ requestIdHeader: 'x-request-id' });

server.post('/ads', async ({ body: { visitors }, id: request }) => {
  const { read, denied } = await readProfiles(assent, {
    url: PROFILES_URL,
    members: visitors,
    fields: ['member.skills'],
    request,
  });
  const group = groupOf(read);
  log({ request, asked: visitors.length, read: read.length, denied });
  // how many are in the group is nobody's business: two answers would tell of one visitor
  return { ad: group === undefined ? 'one that fits the page' : `one about ${mostCommonSkill(group)}` };
});

/** Everybody whose skills were read, if they are enough. */
function groupOf(read) {
  const rows = read.map(({ member, 'member.skills': skill }) => ({ member, skill, page: 'this' }));
  try {
    const by = { column: 'page', values: ['this'] };
    return minCohort(rows, { person: 'member', by, atLeast: 300 }).cohorts[0]?.rows;
  } catch (error) {
    if (error instanceof ObligationError) return undefined;
    throw error;
  }
}

function mostCommonSkill(rows) {
  const counts = new Map();
  for (const { skill } of rows) counts.set(skill, (counts.get(skill) ?? 0) + 1);
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}

function log(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

await server.listen({ port: Number(PORT), host: '127.0.0.1' });
log({ url: server.listeningOrigin });
