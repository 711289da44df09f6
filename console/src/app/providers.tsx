import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ApiError } from '../api-client/http.ts';
import { ToastProvider } from '../components/toasts.tsx';
import { RefreshProvider } from '../time/refresh.tsx';
import { CurrentUserProvider } from './current-user.tsx';
import { router } from './router.tsx';
import { SignInGate } from './sign-in.tsx';
import { theme } from './theme.ts';

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      refetchOnWindowFocus: true,
    },
  },
});

export function Providers() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RefreshProvider>
          <CurrentUserProvider>
            <ToastProvider>
              <SignInGate>
                <RouterProvider router={router} />
              </SignInGate>
            </ToastProvider>
          </CurrentUserProvider>
        </RefreshProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
