/** What may be larger than its place scrolls by itself, and is then a stop of the Tab key. */
import { type ReactNode, useEffect, useRef, useState } from 'react';

type Props = {
  /** What it is, in words, or the id of what says so. */
  readonly label: string | { readonly of: string };
  /** What it is besides. */
  readonly className?: string;
  readonly children: ReactNode;
};

export function Scrolls({ label, className = '', children }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [isLarger, setLarger] = useState(false);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const look = new ResizeObserver(() =>
      setLarger(current.scrollWidth > current.clientWidth || current.scrollHeight > current.clientHeight),
    );
    for (const one of [current, ...current.children]) look.observe(one);
    return () => look.disconnect();
  }, []);
  const named = typeof label === 'string' ? { 'aria-label': label } : { 'aria-labelledby': label.of };
  return (
    <div
      className={`scrolls ${className}`.trim()}
      ref={place}
      {...(isLarger ? { tabIndex: 0, role: 'group', ...named } : {})}
    >
      {children}
    </div>
  );
}
