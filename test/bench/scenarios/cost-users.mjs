import { curve } from '../cost.mjs';

export default curve({
  name: 'cost-users',
  title: 'Cost against users',
  size: '10⁴ to 10⁷ users; the reference policy',
  worst: 'beyond a few hundred thousand users, no cache of the processor holds them',
  axis: 'users',
  points: [10_000, 100_000, 1_000_000, 10_000_000],
  quickPoints: [10_000, 100_000],
  sizeOf: (users) => ({ users }),
});
