/** How answers are kept. */
import { QueryClient } from '@tanstack/react-query';
import { Problem } from './problem.js';

/** Answers are asked for anew when somebody comes back; what is refused is not asked again by itself. */
export function newQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && error instanceof Problem && error.mayPass,
      },
    },
  });
}
