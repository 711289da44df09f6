import { ActionIcon } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMenu2, IconX } from '@tabler/icons-react';
import { Link, Outlet, useMatches } from '@tanstack/react-router';
import { NotificationBell } from '../features/notifications/notification-bell.tsx';
import { HealthMark } from './health-mark.tsx';
import { Navigation } from './navigation.tsx';
import { PaletteOpener } from './palette/palette-opener.tsx';
import { RefreshControl } from './refresh-control.tsx';
import classes from './shell.module.css';
import { ThemeSwitch } from './theme-switch.tsx';
import { TimeRangePicker } from './time-range-picker.tsx';
import { UserMenu } from './user-menu.tsx';

/** What every page stands in: navigation to the left, time range and the reader's things above. */
export function Shell() {
  const [open, menu] = useDisclosure(false);
  const hasTimeRange = useMatches({ select: (matches) => matches.some((match) => match.staticData.hasTimeRange) });
  return (
    <div className={classes.shell}>
      <button type="button" className={classes.skip} onClick={focusMain}>
        Skip to content
      </button>
      <aside className={classes.side} data-open={open}>
        <Link to="/" className={classes.brand!} onClick={menu.close} aria-label="System Service, overview">
          <Logo />
          <span>System Service</span>
        </Link>
        <Navigation onNavigate={menu.close} />
        <div className={classes.foot}>
          <HealthMark />
        </div>
      </aside>
      {open ? <button type="button" className={classes.veil} aria-label="Close menu" onClick={menu.close} /> : null}
      <div className={classes.main}>
        <header className={classes.header}>
          <ActionIcon
            className={classes.burger!}
            size="lg"
            aria-label={open ? 'Close menu' : 'Open menu'}
            aria-expanded={open}
            onClick={menu.toggle}
          >
            {open ? <IconX size={18} /> : <IconMenu2 size={18} />}
          </ActionIcon>
          <PaletteOpener />
          <span className={classes.spacer} />
          {hasTimeRange ? <TimeRangePicker /> : null}
          <RefreshControl hasTimeRange={hasTimeRange} />
          <ThemeSwitch />
          <NotificationBell />
          <UserMenu />
        </header>
        <main id="main" tabIndex={-1} className={classes.content}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

/** A button, since with a base element the link `#main` would lead to the start page. */
function focusMain(): void {
  document.getElementById('main')?.focus();
}

function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#5860dd" />
      <path
        d="M5 17h5l3-8 5 15 3-10 2 3h4"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
