/** The views, in the order of the navigation, by what somebody comes to do. */
import type { Words } from '../words/en.js';

export type ViewName = keyof Words['views'];

export const VIEWS: readonly { readonly task: keyof Words['tasks']; readonly views: readonly ViewName[] }[] =
  [
    { task: 'see', views: ['home', 'matrix', 'consent', 'operation'] },
    { task: 'change', views: ['drafts', 'versions', 'reviews'] },
    { task: 'prove', views: ['replay', 'uses', 'cases', 'proof'] },
  ];

/** The address of a view, below the console's. */
export function addressOf(view: ViewName): string {
  return view === 'home' ? '/' : `/${view}`;
}
