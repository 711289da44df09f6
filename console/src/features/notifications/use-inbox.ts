import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { get, patch, post } from '../../api-client/http.ts';
import { NotificationSocket } from '../../api-client/notification-socket.ts';
import type { Notification, Page } from '../../api-client/types.ts';

const CONNECTED_POLL_MS = 60_000;
const DISCONNECTED_POLL_MS = 30_000;
export const MOST_UNREAD = 50;

/** The unread notifications of a user, fed by the socket and, while it is down, by asking. */
export function useUnread(userId: string, onNew: (notification: Notification) => void) {
  const client = useQueryClient();
  const [connected, setConnected] = useState(false);
  const announce = useRef(onNew);
  announce.current = onNew;

  useEffect(() => {
    const socket = new NotificationSocket(userId, {
      onConnected: (now) => {
        setConnected(now);
        if (now) renew(client);
      },
      onChanged: () => renew(client),
      onNotification: (notification) => {
        announce.current(notification);
        renew(client);
      },
    });
    socket.connect();
    return () => socket.close();
  }, [userId, client]);

  const unread = { user_id: userId, unread: true, archived: false, snoozed: false, limit: MOST_UNREAD };
  const query = useQuery({
    queryKey: ['api/notifications', unread],
    queryFn: ({ signal }) => get<Page<Notification>>('api/notifications', unread, signal),
    refetchInterval: connected ? CONNECTED_POLL_MS : DISCONNECTED_POLL_MS,
  });
  return { query, connected };
}

function renew(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ['api/notifications'] });
}

export interface ItemChange {
  read?: boolean;
  archived?: boolean;
  /** RFC 3339; null brings it back. */
  snoozed_until?: string | null;
}

export function useChangeItem(userId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...change }: { id: string } & ItemChange) =>
      patch<Notification>(`api/notifications/${id}`, { ...change, user_id: userId }),
    onSettled: () => renew(client),
  });
}

export type BulkAction = 'read' | 'unread' | 'archive' | 'unarchive' | 'delete';

export function useChangeItems(userId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, action }: { ids: readonly string[]; action: BulkAction }) =>
      post<unknown>('api/notifications/bulk', { user_id: userId, action, ids }),
    onSettled: () => renew(client),
  });
}

export function useMarkAllRead(userId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<unknown>('api/notifications/read-all', { user_id: userId }),
    onSettled: () => renew(client),
  });
}
