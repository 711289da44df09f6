import {
  IconAlertTriangle,
  IconArrowsSplit2,
  IconBell,
  IconCalendarUser,
  IconChartLine,
  IconDatabase,
  IconDatabaseImport,
  IconFileText,
  IconFlame,
  IconHeartbeat,
  IconLayoutDashboard,
  IconRocket,
  IconRoute,
  IconSend,
  IconServer,
  IconStairsUp,
  IconTarget,
  IconTopologyStar3,
  type TablerIcon,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';

interface NavigationEntry {
  to: LinkProps['to'];
  label: string;
  icon: TablerIcon;
}

interface NavigationGroup {
  label: string;
  entries: NavigationEntry[];
}

/** The pages by what one comes for; within a group, what is needed more often stands first. */
export const NAVIGATION_GROUPS: NavigationGroup[] = [
  {
    // What is going on: one page for each kind of signal.
    label: 'Observe',
    entries: [
      { to: '/', label: 'Overview', icon: IconLayoutDashboard },
      { to: '/services', label: 'Services', icon: IconTopologyStar3 },
      { to: '/traces', label: 'Traces', icon: IconRoute },
      { to: '/logs', label: 'Logs', icon: IconFileText },
      { to: '/explore', label: 'Metrics', icon: IconChartLine },
      { to: '/infrastructure', label: 'Infrastructure', icon: IconServer },
    ],
  },
  {
    // What is wrong and who deals with it: alerts, incidents, on call, escalation, heartbeats.
    label: 'Respond',
    entries: [
      { to: '/incidents', label: 'Incidents', icon: IconFlame },
      { to: '/alerts', label: 'Alerts', icon: IconAlertTriangle },
      { to: '/on-call', label: 'On call', icon: IconCalendarUser },
      { to: '/escalation', label: 'Escalation', icon: IconStairsUp },
      { to: '/heartbeats', label: 'Heartbeats', icon: IconHeartbeat },
    ],
  },
  {
    // Who hears of it, where and how: inbox, routing, channels, preferences.
    label: 'Notify',
    entries: [
      { to: '/notifications', label: 'Notifications', icon: IconBell },
      { to: '/routing', label: 'Routing', icon: IconArrowsSplit2 },
      { to: '/channels', label: 'Channels', icon: IconSend },
    ],
  },
  {
    // The service itself.
    label: 'Operate',
    entries: [
      { to: '/targets', label: 'Targets', icon: IconTarget },
      { to: '/ingest', label: 'Ingest', icon: IconDatabaseImport },
      { to: '/storage', label: 'Storage', icon: IconDatabase },
      { to: '/get-started', label: 'Get started', icon: IconRocket },
    ],
  },
];
