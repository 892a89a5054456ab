/** Lists that the service gives in pages, as one list that grows. */
import { useInfiniteQuery } from '@tanstack/react-query';

/**
 * @param key of the list
 * @param ask for the page behind a cursor; `undefined`: for the first
 * @param nextOf the cursor of the page after; `undefined`: it is the last
 */
export function usePaged<Page>(
  key: readonly string[],
  ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Page>,
  nextOf: (page: Page) => string | undefined,
) {
  const first: string | undefined = undefined;
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: first,
    getNextPageParam: nextOf,
    select: ({ pages }) => pages,
  });
  return {
    query,
    isBusy: query.isFetchingNextPage,
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
  };
}
