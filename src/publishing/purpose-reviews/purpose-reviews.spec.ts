import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryPurposeReviewStore } from '../../../test/memory/memory-purpose-review.store.js';
import { policiesOn } from '../../../test/at-once.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { times } from '../../../test/times.js';
import type { PolicyDocument } from '../../decision/policy.js';
import { PurposeReviewsController } from './purpose-reviews.controller.js';
import { PurposeReviews } from './purpose-reviews.js';

const OLGA = { id: 'olga', roles: new Set(['privacy_officer']) };
/** Noon of a day in UTC. */
const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);

/** The reference policy where one purpose alone has a day, or none has. */
function withDay(day: string | undefined): PolicyDocument {
  const purposes = REFERENCE.purposes.map(({ review_by: _theirs, ...purpose }) =>
    purpose.id === 'research' && day !== undefined ? { ...purpose, review_by: day } : purpose,
  );
  return { ...REFERENCE, purposes };
}

/** What is due of one purpose, while versions come into force, reviews are recorded and days go by. */
class Desk {
  day = '2027-01-01';
  private policies = { current: policiesOn(withDay(undefined)).current };
  private readonly store = new MemoryPurposeReviewStore();

  publish(day: string | undefined): void {
    this.policies.current = policiesOn(withDay(day)).current;
  }

  async review(next: string | null): Promise<void> {
    await this.reviews.record(OLGA, { purpose: 'research', finding: 'All is well.', next });
  }

  /** Since when it is due; undefined: it is not. */
  async dueOn(within = 'P0D'): Promise<string | undefined> {
    const { purposes } = await this.reviews.due(within);
    return purposes.find(({ purpose }) => purpose.id === 'research')?.day;
  }

  get reviews(): PurposeReviews {
    return new PurposeReviews(this.store, this.policies, () => noon(this.day));
  }
}

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

describe('a purpose', () => {
  it('is due from the day that the policy says, and before it as far as is asked', async () => {
    desk.publish('2027-01-31');
    expect(await desk.dueOn('P29D')).toBeUndefined();
    expect(await desk.dueOn('P30D')).toBe('2027-01-31');
    expect(await desk.dueOn('P1M')).toBe('2027-01-31');
    for (const day of ['2027-01-31', '2027-02-01', '2031-01-01']) {
      desk.day = day;
      expect(await desk.dueOn()).toBe('2027-01-31');
    }
  });

  it('is due no more where a review names a later day, until that day', async () => {
    desk.publish('2027-01-01');
    await desk.review('2027-07-01');
    expect(await desk.dueOn()).toBeUndefined();
    desk.day = '2027-07-01';
    expect(await desk.dueOn()).toBe('2027-07-01');
  });

  it('stays due where a review names no day, until the policy does', async () => {
    desk.publish('2027-01-01');
    await desk.review('2027-07-01');
    await desk.review(null);
    expect(await desk.dueOn()).toBe('2027-01-01');
    desk.publish('2028-01-01');
    expect(await desk.dueOn()).toBeUndefined();
  });

  it('is due earlier than a review said where the policy says so later', async () => {
    desk.publish('2027-01-01');
    await desk.review('2029-01-01');
    desk.publish('2027-02-01');
    desk.day = '2027-02-01';
    expect(await desk.dueOn()).toBe('2027-02-01');
  });

  it('without a day in the policy is due by a review alone', async () => {
    expect(await desk.dueOn('P99Y')).toBeUndefined();
    await desk.review('2027-02-01');
    expect(await desk.dueOn('P31D')).toBe('2027-02-01');
  });

  it('is due as a plain reading of all that happened says, whatever happened', async () => {
    const days = fc.constantFrom('2027-01-02', '2027-06-01', '2028-01-01');
    const happenings = fc.array(
      fc.oneof(
        fc.record({ published: fc.option(days, { nil: undefined }) }),
        fc.record({ reviewed: fc.option(days, { nil: null }) }),
      ),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(happenings, async (all) => {
        const some = new Desk();
        let said: string | undefined;
        const reviews: { readonly answers: string | undefined; readonly next: string | null }[] = [];
        for (const one of all)
          if ('published' in one) some.publish((said = one.published));
          else {
            await some.review(one.reviewed);
            reviews.push({ answers: said, next: one.reviewed });
          }
        const last = reviews.at(-1);
        const put = last?.answers === said ? last?.next : undefined;
        expect(await some.dueOn('P99Y')).toBe(put ?? said);
      }),
      { numRuns: times(100, 25) },
    );
  });
});

describe('a review', () => {
  it('says who looked, at which version, and which day it answers', async () => {
    desk.publish('2027-01-31');
    await desk.review(null);
    expect(await desk.reviews.store.list(1)).toEqual([
      {
        sequence: 1,
        purpose: 'research',
        policy: policiesOn(withDay('2027-01-31')).current.id,
        reviewBy: '2027-01-31',
        finding: 'All is well.',
        next: null,
        by: 'olga',
        roles: ['privacy_officer'],
        at: noon('2027-01-01'),
      },
    ]);
  });

  it.each([
    ['2027-01-01', 'which is not after today, `2027-01-01`'],
    ['2026-12-31', 'which is not after today, `2027-01-01`'],
    ['2027-02-29', 'there is no day `2027-02-29`'],
  ])('that puts the next one to %s is refused, and recorded nowhere', async (next, because) => {
    await expect(desk.review(next)).rejects.toThrow(because);
    expect(await desk.reviews.store.list(1)).toEqual([]);
  });

  it('of a purpose that the policy does not name is refused, with the one that was meant', async () => {
    const review = { purpose: 'reserch', finding: 'All is well.', next: null };
    await expect(desk.reviews.record(OLGA, review)).rejects.toThrow('did you mean `research`?');
  });
});

it('what is due the longest stands first, and then what the policy names first', async () => {
  const reviews = new PurposeReviews(new MemoryPurposeReviewStore(), policiesOn(REFERENCE), () =>
    noon('2027-11-30'),
  );
  const { purposes } = await reviews.due('P0D');
  const days = purposes.map(({ day }) => day);
  expect(days).toEqual(days.toSorted());
  const soon = purposes.filter(({ day }) => day === days[0]).map(({ purpose }) => purpose.id);
  expect(soon).toEqual(REFERENCE.purposes.map(({ id }) => id).filter((id) => soon.includes(id)));
  expect(purposes.map(({ purpose }) => purpose.id).toSorted()).toEqual(
    REFERENCE.purposes.map(({ id }) => id).toSorted(),
  );
});

it('a page after a review that there cannot be is refused, and the database is not asked for it', async () => {
  const cursor = Buffer.from(`${2 ** 31} research`).toString('base64url');
  const pages = new PurposeReviewsController(desk.reviews);
  await expect(pages.list(undefined, cursor)).rejects.toMatchObject({ code: 'invalid_request' });
});
