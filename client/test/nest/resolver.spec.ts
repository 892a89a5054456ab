/** Resolvers, as the module for GraphQL runs them. */
import { Injectable, Module } from '@nestjs/common';
import { ExternalContextCreator, NestFactory } from '@nestjs/core';
import { describe, expect, test } from 'vitest';
import { createAssent } from '../../src/assent.js';
import { memberOf } from '../../src/terms/json.js';
import { AssentModule, Shows, UsesData } from '../../src/nest/index.js';
import { SECRET } from './app.js';
import { Query, ResolveField } from './decorators.js';
import { Permitting } from '../asking/permitting.js';

describe('a resolver', () => {
  @Injectable()
  class Members {
    @Query()
    @UsesData('ai', ['member.skills'], {
      user: (_root, context) => String(memberOf(context.getArgByIndex(1), 'id')),
    })
    @Shows({ skills: 'member.skills' })
    refused() {
      return { skills: SECRET, email: SECRET };
    }

    @ResolveField()
    @UsesData('ai', ['member.skills'], { user: (root) => String(memberOf(root, 'id')), onDeny: 'mask' })
    @Shows('member.skills')
    masked() {
      return [SECRET];
    }
  }
  const service = new Permitting();
  const assent = createAssent({ transport: service });

  /** As the module for GraphQL runs it. */
  async function resolve(name: 'refused' | 'masked', root: unknown, args: unknown): Promise<unknown> {
    const options = {
      provide: 'GqlModuleOptions',
      useValue: { fieldResolverEnhancers: ['guards', 'interceptors'] },
    };
    @Module({
      imports: [AssentModule.forRoot({ assent, requirePurpose: true })],
      providers: [Members, options],
    })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    try {
      const members = app.get(Members);
      const run = app
        .get(ExternalContextCreator)
        .create(
          members,
          members[name],
          name,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          'graphql',
        );
      const result: unknown = await run(root, args, {}, {});
      return result;
    } finally {
      await app.close();
    }
  }

  test('is guarded and masked as a handler is', async () => {
    service.opens = ({ user }) => user === 'u-1';
    expect(await resolve('refused', undefined, { id: 'u-1' })).toEqual({ skills: SECRET });
    await expect(resolve('refused', undefined, { id: 'u-2' })).rejects.toMatchObject({ status: 403 });
    expect(await resolve('masked', { id: 'u-1' }, {})).toEqual([SECRET]);
    expect(await resolve('masked', { id: 'u-2' }, {})).toBeUndefined();
  });
});
