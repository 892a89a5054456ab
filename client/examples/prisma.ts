import { PrismaPg } from '@prisma/adapter-pg';
import { createAssent } from '@assent/client';
import { QueryRefused, withPurpose } from '@assent/client/prisma';
import { PrismaClient } from './generated/client.js';

const assent = createAssent({
  url: process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000',
  token: process.env['ASSENT_TOKEN'] ?? '',
});
const connectionString = process.env['MEMBERS_DATABASE_URL'] ?? '';
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
const feed = withPurpose(prisma, 'personalise', { assent });

const members = await feed.member.findMany({
  where: { joined: { gte: new Date('2026-01-01') } },
  orderBy: { id: 'asc' },
  select: { id: true, skills: true },
});
console.log(members);

try {
  console.log(await feed.member.count({ where: { skills: { has: 'welding' } } }));
} catch (error) {
  if (error instanceof QueryRefused) console.log(error.message);
  else throw error;
}

await prisma.$disconnect();
assent.close();
