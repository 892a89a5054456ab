import { curve } from '../cost.mjs';

export default curve({
  name: 'cost-fields',
  title: 'Cost against fields',
  size: '40 to 4,000 fields, copies of those of the reference policy; 22 purposes, 100,000 users',
  worst: 'no two questions in a row are about the same field',
  axis: 'fields',
  points: [40, 400, 4_000],
  quickPoints: [40, 400],
  sizeOf: (fields) => ({ users: 100_000, fields }),
});
