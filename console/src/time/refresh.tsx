import { useLocalStorage } from '@mantine/hooks';
import { createContext, type ReactNode, use, useMemo } from 'react';

interface Refresh {
  /** Seconds between two refreshes; 0 = off. */
  seconds: number;
  setSeconds: (seconds: number) => void;
}

export const REFRESH_CHOICES = [0, 5, 10, 30, 60];
const RefreshContext = createContext<Refresh>({ seconds: 10, setSeconds: () => undefined });

export function RefreshProvider({ children }: { children: ReactNode }) {
  const [seconds, setSeconds] = useLocalStorage({
    key: 'refresh-seconds',
    defaultValue: 10,
    getInitialValueInEffect: false,
  });
  const value = useMemo(() => ({ seconds, setSeconds }), [seconds, setSeconds]);
  return <RefreshContext value={value}>{children}</RefreshContext>;
}

export function useRefresh(): Refresh {
  return use(RefreshContext);
}
