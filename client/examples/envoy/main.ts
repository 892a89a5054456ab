import { createAssent } from '@assent/client';
import { readFileSync } from 'node:fs';
import { createAdapter } from './adapter.js';
import { routesIn } from './routes.js';

const assent = createAssent({
  url: process.env['ASSENT_URL'] ?? 'http://127.0.0.1:3000',
  token: process.env['ASSENT_TOKEN'] ?? '',
  // what the services behind Envoy do, not what Envoy does
  discharges: ['min_cohort_300'],
});
const routes = routesIn(readFileSync(process.env['ROUTES'] ?? 'routes.json', 'utf8'));
const port = Number(process.env['PORT'] ?? 9191);
createAdapter(assent, routes).listen(port, '127.0.0.1', () => console.log(`asked at port ${port}`));
