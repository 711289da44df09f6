import { useSyncExternalStore } from 'react';

/**
 * The API key that this tab uses, where the service demands one. It lives as long as the tab: a key left in a browser
 * for ever is a key lost.
 */
const STORED_AS = 'system-service.api-key';

interface Credentials {
  readonly key: string | undefined;
  /** True when the service has refused what was sent: without a key, or with a wrong one. */
  readonly refused: boolean;
}

let current: Credentials = { key: sessionStorage.getItem(STORED_AS) ?? undefined, refused: false };
const listeners = new Set<() => void>();

function change(next: Credentials): void {
  current = next;
  for (const listener of listeners) listener();
}

export function apiKey(): string | undefined {
  return current.key;
}

export function setApiKey(key: string): void {
  sessionStorage.setItem(STORED_AS, key);
  change({ key, refused: false });
}

export function forgetApiKey(): void {
  sessionStorage.removeItem(STORED_AS);
  change({ key: undefined, refused: true });
}

/** To be called for every 401 of the service to `usedKey`; an answer to an older key says nothing. */
export function reportRefusal(usedKey: string | undefined): void {
  if (usedKey === current.key && !current.refused) change({ ...current, refused: true });
}

export function useCredentials(): Credentials {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
