/** Nothing is handed over that is not on record. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Disclosure, type DisclosureLog, logDisclosure } from './log-disclosure.js';

const DISCLOSURE: Disclosure = {
  to: 'court of Berlin',
  user: 'u-1',
  fields: ['member.phone'],
  purpose: 'legal.orders',
  reason: 'order 12/26',
  at: 1_780_000_000_000,
};

class Written implements DisclosureLog {
  readonly entries: Disclosure[] = [];

  append(disclosure: Disclosure): Promise<void> {
    this.entries.push(disclosure);
    return Promise.resolve();
  }
}

describe('a disclosure', () => {
  it('is on record before anything is handed over', async () => {
    const log = new Written();
    const given = await logDisclosure(DISCLOSURE, log, () => log.entries.length);
    expect(given).toBe(1);
    expect(log.entries).toEqual([DISCLOSURE]);
  });

  it('is not made when it could not be recorded', async () => {
    let handedOver = false;
    const full: DisclosureLog = { append: () => Promise.reject(new Error('disk full')) };
    const broken: DisclosureLog = {
      append() {
        throw new Error('no log');
      },
    };
    for (const log of [full, broken])
      await expect(
        logDisclosure(DISCLOSURE, log, () => {
          handedOver = true;
        }),
      ).rejects.toMatchObject({ code: 'not_logged' });
    expect(handedOver).toBe(false);
  });

  it('is not made when the log gives no promise, and so does not say that it has recorded', async () => {
    let handedOver = false;
    for (const said of ['null', 'true', '{}', '{"then":1}'])
      await expect(
        logDisclosure(DISCLOSURE, { append: () => JSON.parse(said) }, () => {
          handedOver = true;
        }),
      ).rejects.toMatchObject({ code: 'not_logged' });
    expect(handedOver).toBe(false);
  });

  it('is not in the error when it could not be recorded', async () => {
    const log: DisclosureLog = {
      append: ({ reason }) => Promise.reject(new Error(`cannot store ${reason}`)),
    };
    const error: unknown = await logDisclosure(DISCLOSURE, log, () => 'data').catch(
      (error: unknown) => error,
    );
    expect(inspect(error)).toContain('not_logged');
    expect(inspect(error)).not.toContain('order 12/26');
  });

  it('may have a reason of 1,000 characters and lines', async () => {
    const log = new Written();
    const reason = `order
${'é'.repeat(994)}`;
    await logDisclosure({ ...DISCLOSURE, reason }, log, () => 'data');
    expect(log.entries[0]?.reason).toBe(reason);
  });

  it('waits for a slow log', async () => {
    const order: string[] = [];
    const slow: DisclosureLog = {
      async append() {
        await new Promise(setImmediate);
        order.push('recorded');
      },
    };
    await logDisclosure(DISCLOSURE, slow, () => order.push('handed over'));
    expect(order).toEqual(['recorded', 'handed over']);
  });

  it('stays on record when handing over fails', async () => {
    const log = new Written();
    const failed = logDisclosure(DISCLOSURE, log, () => Promise.reject(new Error('line cut')));
    await expect(failed).rejects.toThrow('line cut');
    expect(log.entries).toHaveLength(1);
  });

  it('cannot be changed once it is on record', async () => {
    const log = new Written();
    const fields = ['member.phone'];
    await logDisclosure({ ...DISCLOSURE, fields }, log, () => fields.push('member.email'));
    expect(log.entries[0]?.fields).toEqual(['member.phone']);
    expect(Object.isFrozen(log.entries[0]) && Object.isFrozen(log.entries[0]?.fields)).toBe(true);
  });

  it('says who, what, whose, when and why', async () => {
    const wrong: Partial<Disclosure>[] = [
      { to: '' },
      { user: '' },
      { fields: [] },
      { fields: [''] },
      { purpose: '' },
      { fields: Array<string>(1) },
      { fields: JSON.parse('"ab"') },
      { reason: '' },
      { reason: ' \n' },
      { reason: '\ud800' },
      { reason: 'x'.repeat(1001) },
      { at: Number.NaN },
    ];
    for (const part of wrong) {
      const log = new Written();
      await expect(logDisclosure({ ...DISCLOSURE, ...part }, log, () => 'data')).rejects.toMatchObject({
        code: 'bad_input',
      });
      expect(log.entries).toEqual([]);
    }
  });
});
