/** A NestJS application: what its interceptor leaves of a response. */
import { Controller, Get, Res, StreamableFile } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAssent } from '../src/assent.js';
import { inProcess } from '../src/in-process.js';
import { Shows, UsesData } from '../src/nest/index.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { SECRET, get, startNest } from './nest-app.js';
import { Permitting } from './permitting.js';

const thrown = (error: unknown) => () => {
  throw error;
};

@Controller()
class Members {
  @Get('u/:user/skills')
  @UsesData('ai', ['member.skills', 'member.email'])
  @Shows({ skills: 'member.skills' })
  skills() {
    return { skills: SECRET, email: SECRET, birthday: SECRET };
  }

  @Get('later')
  @UsesData('ai', ['member.skills'], { user: () => Promise.resolve('u-1'), onDeny: 'mask' })
  @Shows({ skills: 'member.skills' })
  later() {
    return { skills: SECRET };
  }

  @Get('fails/an-error')
  @UsesData('ai', ['member.skills'], { user: thrown(new Error(SECRET)) })
  @Shows('member.skills')
  failsWithError() {
    return SECRET;
  }

  @Get('fails/nothing')
  @UsesData('ai', ['member.skills'], { user: thrown(undefined), onDeny: 'mask' })
  @Shows('member.skills')
  failsWithNothing() {
    return SECRET;
  }

  @Get('u/:user/file')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  file() {
    return new StreamableFile(Buffer.from(SECRET));
  }

  @Get('u/:user/bytes')
  @UsesData('ai', ['member.skills'])
  @Shows('member.skills')
  bytes() {
    return Buffer.from(SECRET);
  }

  @Get('u/:user/text')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  text() {
    return SECRET;
  }

  @Get('u/:user/fetched')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  fetched() {
    return new Response(SECRET);
  }

  @Get('u/:user/map')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  map() {
    return { skills: new Map([[SECRET, SECRET]]) };
  }

  @Get('u/:user/texts')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  async *texts() {
    yield SECRET;
  }

  @Get('u/:user/nothing')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  nothing() {
    return undefined;
  }

  @Get('passed/:user')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows({ skills: 'member.skills' })
  passed(@Res({ passthrough: true }) _response: unknown) {
    return { skills: SECRET };
  }
}

describe('an application', () => {
  let service: Permitting;
  let url: string;
  let stop: () => Promise<void>;
  beforeEach(async () => {
    service = new Permitting();
    const started = await startNest(createAssent({ transport: service }), [Members]);
    ({ url } = started);
    stop = () => started.app.close();
  });
  afterEach(() => stop());

  test('answers with what its response is said to show, and nothing else', async () => {
    expect(await get(`${url}/u/u-1/skills`)).toEqual({ status: 200, body: `{"skills":"${SECRET}"}` });
    expect(await get(`${url}/u/u-1/nothing`)).toEqual({ status: 200, body: '' });
  });

  test('takes out what is denied between guard and response', async () => {
    service.opens = () => service.batches.length === 1;
    expect(await get(`${url}/u/u-1/skills`)).toEqual({ status: 200, body: '{}' });
  });

  test('waits for whoever says whose data it is', async () => {
    expect(await get(`${url}/later`)).toEqual({ status: 200, body: `{"skills":"${SECRET}"}` });
    service.opens = () => false;
    expect(await get(`${url}/later`)).toEqual({ status: 200, body: '{}' });
  });

  test('takes out where the handler may set headers itself', async () => {
    service.opens = () => false;
    expect(await get(`${url}/passed/u-1`)).toEqual({ status: 200, body: '{}' });
  });

  test.each([
    'fails/an-error',
    'fails/nothing',
    'u/u-1/file',
    'u/u-1/bytes',
    'u/u-1/text',
    'u/u-1/fetched',
    'u/u-1/map',
    'u/u-1/texts',
  ])('answers /%s with 500 and no data: something cannot be known, or looked into', async (path) => {
    const { status, body } = await get(`${url}/${path}`);
    expect(status).toBe(500);
    expect(body).not.toContain(SECRET);
  });
});

test('an application decides on a policy in its own process, for tests', async () => {
  @Controller(':user')
  class Ads {
    @Get()
    @UsesData('ads.personalised', ['member.skills', 'member.salary'], { onDeny: 'mask' })
    @Shows({ skills: 'member.skills', salary: 'member.salary' })
    ad() {
      return { skills: 'welding', salary: 41_000 };
    }
  }
  const person = { region: 'US-CA', age_band: 'adult' } as const;
  const transport = inProcess({ policy: REFERENCE, users: { 'u-1': person } });
  const assent = createAssent({ transport, discharges: ['min_cohort_300'] });
  const { url, app } = await startNest(assent, [Ads]);
  // a salary is not for ads
  expect(await get(`${url}/u-1`)).toEqual({ status: 200, body: '{"skills":"welding"}' });
  transport.put('u-1', { ...person, choices: { 'ads.personalised': 'denied' } });
  expect(await get(`${url}/u-1`)).toEqual({ status: 200, body: '{}' });
  expect(await get(`${url}/u-unknown`)).toEqual({ status: 200, body: '{}' });
  await app.close();
});
