/** A table of a list that the service gives in pages. */
import { Answer } from './answer.js';
import { Listing, type ListingProps } from './listing.js';
import type { usePaged } from './paged.js';

type Props<Page, Row> = Omit<ListingProps<Row>, 'rows' | 'more' | 'isBusy'> & {
  readonly paged: ReturnType<typeof usePaged<Page>>;
  readonly rowsOf: (page: Page) => readonly Row[];
};

export function PagedListing<Page, Row>({ paged, rowsOf, ...listing }: Props<Page, Row>) {
  const { query, more, isBusy } = paged;
  return (
    <Answer query={query}>
      {(pages) => <Listing {...listing} rows={pages.flatMap(rowsOf)} more={more} isBusy={isBusy} />}
    </Answer>
  );
}
