/** The command palette: by a name to its place, with Ctrl K or Cmd K. */
import { useEffect, useState } from 'react';
import {
  Autocomplete,
  Button,
  Dialog,
  DialogTrigger,
  Input,
  Menu,
  MenuItem,
  Modal,
  ModalOverlay,
  SearchField,
  useFilter,
} from 'react-aria-components';
import { useLocation } from 'wouter';
import { textsIn } from '../../../src/decision/policy.js';
import { useVersion } from '../api/policy.js';
import { useMe } from '../api/session.js';
import { useLanguage, useWords } from '../words/words.js';
import { VIEWS, addressOf, hasFor } from './views.js';

type Titled = { readonly title: string };

export function Palette() {
  const words = useWords();
  const language = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const [, go] = useLocation();
  const { contains } = useFilter({ sensitivity: 'base' });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      // the editor has deleted a line, or its rest, with it
      if (event.defaultPrevented || event.shiftKey || event.altKey) return;
      event.preventDefault();
      setOpen(true);
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
  const me = useMe();
  const { document } = useVersion(isOpen && hasFor(me, 'matrix').may ? 'current' : undefined).data ?? {};
  const places = [
    ...VIEWS.flatMap(({ views }) => views)
      .filter((view) => hasFor(me, view).may)
      .map((view) => ({ id: addressOf(view), name: words.views[view] })),
    // a purpose or a field is looked at in the matrix
    ...[...(document?.purposes ?? []), ...(document?.fields ?? [])].map((one) => ({
      id: `/matrix?${new URLSearchParams({ find: one.id }).toString()}`,
      name: `${one.id} · ${textsIn<Titled>(one, language).title}`,
    })),
  ];
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button className="palette-button">
        {words.palette} <kbd>Ctrl K</kbd>
      </Button>
      <ModalOverlay className="overlay" isDismissable>
        <Modal className="modal palette">
          <Dialog aria-label={words.palette}>
            <Autocomplete filter={contains}>
              <SearchField aria-label={words.palette} autoFocus>
                <Input placeholder={words.paletteHint} />
              </SearchField>
              <Menu
                items={places}
                aria-label={words.palette}
                renderEmptyState={() => words.paletteNothing}
                onAction={(place) => {
                  setOpen(false);
                  go(String(place));
                }}
              >
                {({ name }) => <MenuItem>{name}</MenuItem>}
              </Menu>
            </Autocomplete>
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
