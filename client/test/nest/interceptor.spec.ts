/** A NestJS application: what its interceptor leaves of a response. */
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  type NestInterceptor,
  Param,
  Res,
  StreamableFile,
  UseInterceptors,
} from '@nestjs/common';
import { map, range } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAssent } from '../../src/assent.js';
import { inProcess } from '../../src/in-process.js';
import { Shows, UsesData } from '../../src/nest/index.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { SECRET, get, startNest } from './app.js';
import { Permitting } from '../asking/permitting.js';

const thrown = (error: unknown) => () => {
  throw error;
};

/** Adds to each response. */
class Adding implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((value: object) => ({ ...value, skills: SECRET, email: SECRET })));
  }
}

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

  @Get('u/:user/inside')
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @UseInterceptors(Adding)
  @Shows({ skills: 'member.skills' })
  inside() {
    return {};
  }

  @Get('u/:user/outside')
  @UseInterceptors(new Adding())
  @UsesData('ai', ['member.skills'], { onDeny: 'mask' })
  @Shows({ skills: 'member.skills' })
  outside() {
    return {};
  }

  @Get('u/:user/deep')
  @UsesData('ai', ['member.skills'])
  @Shows({ skills: 'member.skills' })
  deep() {
    let skills: unknown = SECRET;
    for (let level = 0; level < 100_000; level++) skills = [skills];
    return { skills };
  }

  @Get('u/:user/values/:number')
  @UsesData<{ params: { number: string } }>('ai', ['member.skills'], { onDeny: 'mask', user: () => 'u-1' })
  @Shows({ skills: 'member.skills' })
  values(@Param('number') number: string) {
    return range(0, Number(number)).pipe(map(() => ({ skills: SECRET, email: SECRET })));
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

  test.each(['inside', 'outside'])(
    'examines what another interceptor of the method adds: %s',
    async (path) => {
      expect(await get(`${url}/u/u-1/${path}`)).toEqual({ status: 200, body: `{"skills":"${SECRET}"}` });
      service.opens = () => false;
      expect(await get(`${url}/u/u-1/${path}`)).toEqual({ status: 200, body: '{}' });
    },
  );

  test('examines values in turn, as many as may wait', async () => {
    service.opens = () => service.batches.length === 100;
    expect(await get(`${url}/u/u-1/values/99`)).toEqual({ status: 200, body: '{}' });
    expect(await get(`${url}/u/u-1/values/1`)).toEqual({ status: 200, body: `{"skills":"${SECRET}"}` });
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
    'u/u-1/deep',
    'u/u-1/values/10001',
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
