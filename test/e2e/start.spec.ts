import { describe, expect, test } from 'vitest';
import { startService } from './service.js';

describe('the service', () => {
  test('starts with its defaults, answers a first decision, and stops cleanly on SIGTERM', async () => {
    const service = await startService();
    const token = await service.token({ sub: 'ads', purposes: ['ads.personalised'] });
    const reply = await service.request('POST', '/access/v1/evaluation', {
      token,
      body: {
        subject: { type: 'purpose', id: 'ads.personalised' },
        action: { name: 'read' },
        resource: { type: 'field', id: 'member.skills', properties: { user: 'u-1' } },
      },
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      decision: false,
      context: { reason: 'unknown_user', obligations: [] },
    });
    expect(await service.kill('SIGTERM')).toBe(0);
    await service.stop();
  });
});
