/** What is searched for: what stands in the address, and what of it the service is asked. */
import { CATEGORIES } from '../../../../src/decision/policy.js';
import { isReason } from '../../../../src/decision/reasons.js';
import type { Change as ChangeOf } from '../../parts/query.js';
import { type Span, SPANS, timeOf } from './days.js';

export const USUAL = {
  client: '',
  purpose: '',
  category: '',
  reason: '',
  verdict: '',
  case: '',
  from: '',
  until: '',
  every: 'day',
  by: 'reason',
  use: '',
};
export type Asked = Readonly<Record<keyof typeof USUAL, string>>;
export type Change = ChangeOf<typeof USUAL>;

export const PARTS = ['reason', 'client', 'purpose'] as const;
export type Part = (typeof PARTS)[number];

/** What narrows both the list and the counts. */
export function wantedOf(asked: Asked) {
  const category = CATEGORIES.find((one) => one === asked.category);
  return {
    ...(asked.client === '' ? {} : { client: asked.client }),
    ...(asked.purpose === '' ? {} : { purpose: asked.purpose }),
    ...(category === undefined ? {} : { category }),
    ...(isReason(asked.reason) ? { reason: asked.reason } : {}),
    ...(asked.verdict === 'permitted' ? { permitted: 'true' as const } : {}),
    ...(asked.verdict === 'refused' ? { permitted: 'false' as const } : {}),
    ...(asked.case === '' ? {} : { case: asked.case }),
    ...(asked.from === '' ? {} : { from: timeOf(asked.from) }),
    ...(asked.until === '' ? {} : { until: timeOf(asked.until) }),
  };
}
export type Wanted = ReturnType<typeof wantedOf>;

export function spanOf({ every }: Asked): Span {
  return SPANS.find((one) => one === every) ?? 'day';
}

export function partOf({ by }: Asked): Part {
  return PARTS.find((one) => one === by) ?? 'reason';
}

/** The address of the list with a part of a bar, and nothing that was asked lost. */
export function searchOf(asked: Asked, changed: Partial<Asked>): string {
  const query = new URLSearchParams(
    Object.entries({ ...asked, ...changed }).filter(([, value]) => value !== ''),
  );
  return `/uses?${query.toString()}`;
}
