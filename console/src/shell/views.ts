/** The views, in the order of the navigation, by what somebody comes to do. */
import { type Allowed, type Me, allowedTo } from '../api/session.js';
import type { Words } from '../words/en.js';

export type ViewName = keyof Words['views'];

export const VIEWS: readonly { readonly task: keyof Words['tasks']; readonly views: readonly ViewName[] }[] =
  [
    { task: 'see', views: ['home', 'matrix', 'consent', 'operation'] },
    { task: 'change', views: ['drafts', 'versions', 'reviews'] },
    { task: 'prove', views: ['replay', 'uses', 'cases', 'proof'] },
  ];

/** Routes of which whoever may use one finds something in a view. Home, and the public keys, are for all. */
const FOUND_BY: Readonly<Partial<Record<ViewName, readonly string[]>>> = {
  matrix: ['GET /v1/policies/{id}'],
  consent: ['GET /v1/reports/consent-counts', 'GET /v1/reports/consent-balance', 'GET /v1/extracts'],
  operation: ['GET /v1/processes', 'GET /v1/imports', 'GET /v1/policies/{id}', 'GET /v1/budgets'],
  drafts: ['GET /v1/policies/drafts'],
  versions: ['GET /v1/policies'],
  reviews: ['GET /v1/policies/due'],
  replay: ['POST /v1/decisions/replay'],
  uses: ['GET /v1/uses'],
  cases: ['GET /v1/cases', 'GET /v1/policies/{id}'],
};

/** Whether a view has something for somebody; else why not. */
export function hasFor(me: Me, view: ViewName): Allowed {
  const routes = FOUND_BY[view];
  return routes === undefined ? { may: true } : allowedTo(me, routes);
}

/** The view that a path below the console's leads to. */
export function viewAt(path: string): ViewName | undefined {
  return VIEWS.flatMap(({ views }) => views).find((view) => {
    const address = addressOf(view);
    return path === address || (view !== 'home' && path.startsWith(`${address}/`));
  });
}

/** The address of a view, below the console's. */
export function addressOf(view: ViewName): string {
  return view === 'home' ? '/' : `/${view}`;
}
