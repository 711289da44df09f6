import { useDisclosure } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useEffect } from 'react';
import classes from './palette.module.css';

/** Loaded with its first use. */
const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));

const KEYS = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘ K' : 'Ctrl K';

/** Opens the palette, also by Ctrl or ⌘ and K; `/` goes to the search field of the page. */
export function PaletteOpener() {
  const [opened, palette] = useDisclosure(false);
  const { open } = palette;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        event.preventDefault();
        open();
      } else if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event.target)) {
        const field = document.querySelector<HTMLInputElement>('#main input[type="search"]');
        event.preventDefault();
        if (field) field.focus();
        else open();
      }
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [open]);
  return (
    <>
      <button type="button" className={classes.opener} aria-keyshortcuts="Control+K" onClick={open}>
        <IconSearch size={15} stroke={1.7} aria-hidden="true" />
        <span>Go to …</span>
        <kbd>{KEYS}</kbd>
      </button>
      {opened ? (
        <Suspense>
          <Palette onClose={palette.close} />
        </Suspense>
      ) : null}
    </>
  );
}

/** Whether keys go into a field. */
function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}
