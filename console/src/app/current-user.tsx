import { useLocalStorage } from '@mantine/hooks';
import { createContext, type ReactNode, use, useMemo } from 'react';

interface CurrentUser {
  userId: string;
  setUserId: (userId: string) => void;
}

const CurrentUserContext = createContext<CurrentUser>({ userId: 'local', setUserId: () => undefined });

/** Without a login the reader says whose inbox the console shows; the browser remembers it. */
export function CurrentUserProvider({ children }: { children: ReactNode }) {
  const [userId, setUserId] = useLocalStorage({
    key: 'user-id',
    defaultValue: 'local',
    getInitialValueInEffect: false,
  });
  const value = useMemo(() => ({ userId, setUserId }), [userId, setUserId]);
  return <CurrentUserContext value={value}>{children}</CurrentUserContext>;
}

export function useCurrentUser(): CurrentUser {
  return use(CurrentUserContext);
}
