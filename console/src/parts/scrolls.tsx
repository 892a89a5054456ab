/** What may be wider than the screen, and holds nothing that the keyboard stops at: it is a stop itself. */
import type { ReactNode } from 'react';

export function Scrolls({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- arrow keys scroll it
    <div className="scrolls" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
