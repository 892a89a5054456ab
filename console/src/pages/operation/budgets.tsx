/** What was spent of privacy budgets. */
import { api, said } from '../../api/api.js';
import type { components } from '../../api/types.js';
import type { Column } from '../../parts/listing.js';
import { PagedListing } from '../../parts/paged-listing.js';
import { usePaged } from '../../parts/paged.js';
import { Time } from '../../parts/time.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { OPERATION } from './words.js';

type Budget = components['schemas']['PrivacyBudget'];

export function Budgets() {
  const own = useWordsOf(OPERATION).budgets;
  const language = useLanguage();
  const paged = usePaged(
    ['budgets'],
    (cursor, signal) =>
      said(api.GET('/v1/budgets', { params: { query: cursor === undefined ? {} : { cursor } }, signal })),
    ({ next }) => next,
  );
  const { columns } = own;
  const spentOf = (budget: Budget, part: 'epsilon' | 'delta') =>
    budget.limit === null ? budget.spent[part] : own.of(budget.spent[part], budget.limit[part]);
  const shown: readonly Column<Budget>[] = [
    { id: 'purpose', title: columns.purpose, value: ({ purpose }) => purpose },
    { id: 'period', title: columns.period, value: ({ period }) => period },
    ...(['epsilon', 'delta'] as const).map((part) => ({
      id: part,
      title: columns[part],
      isNumber: true,
      value: ({ spent }: Budget) => spent[part],
      shown: (budget: Budget) => spentOf(budget, part),
    })),
    {
      id: 'share',
      title: columns.share,
      isNumber: true,
      value: shareOf,
      shown: (budget) => {
        const share = shareOf(budget);
        return share === null
          ? own.noLimit
          : share.toLocaleString(language, { style: 'percent', maximumFractionDigits: 1 });
      },
    },
    { id: 'figures', title: columns.figures, isNumber: true, value: ({ figures }) => figures },
    {
      id: 'last_at',
      title: columns.last,
      value: ({ last_at: at }) => at,
      shown: ({ last_at: at }) => <Time at={at} />,
    },
  ];
  return (
    <PagedListing
      title={own.title}
      about={own.about}
      file="budgets"
      columns={shown}
      paged={paged}
      rowsOf={({ budgets }) => budgets}
      keyOf={({ purpose, period }) => `${purpose} ${period}`}
      none={own.none}
    />
  );
}

/** Of the part that runs out first, only to look at: what may be spent is for the service to say. */
function shareOf({ spent, limit }: Budget): number | null {
  if (limit === null) return null;
  const shares = (['epsilon', 'delta'] as const)
    .filter((part) => Number(limit[part]) > 0)
    .map((part) => Number(spent[part]) / Number(limit[part]));
  return shares.length === 0 ? null : Math.max(...shares);
}
