import { curve } from '../cost.mjs';

export default curve({
  name: 'cost-purposes',
  title: 'Cost against purposes',
  size: '22 to 500 purposes, copies of the trees of the reference policy; 49 fields, 100,000 users',
  worst: 'no two questions in a row are about the same purpose; a record resolves to a byte per purpose',
  axis: 'purposes',
  points: [22, 100, 500],
  quickPoints: [22, 100],
  sizeOf: (purposes) => ({ users: 100_000, purposes }),
});
