import { CloseButton } from '@mantine/core';
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import classes from './toasts.module.css';

interface Toast {
  title: string;
  text?: string | undefined;
  tone: 'ok' | 'info' | 'warning' | 'error' | 'critical';
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);
const SHOWN_MS = 6_000;
let nextId = 1;

/** Short messages in the corner; read aloud politely. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<(Toast & { id: number })[]>([]);
  const dismiss = useCallback((id: number) => setToasts((before) => before.filter((toast) => toast.id !== id)), []);
  const show = useCallback(
    (toast: Toast) => {
      const id = nextId++;
      setToasts((before) => [...before.slice(-3), { ...toast, id }]);
      setTimeout(() => dismiss(id), SHOWN_MS);
    },
    [dismiss],
  );
  const list = useMemo(
    () =>
      toasts.map((toast) => (
        <div key={toast.id} className={classes.toast} data-tone={toast.tone}>
          <div className={classes.body}>
            <div className={classes.title}>{toast.title}</div>
            {toast.text ? <div className={classes.text}>{toast.text}</div> : null}
          </div>
          <CloseButton size="sm" aria-label="Dismiss message" onClick={() => dismiss(toast.id)} />
        </div>
      )),
    [toasts, dismiss],
  );
  return (
    <ToastContext value={show}>
      {children}
      <div className={classes.region} aria-live="polite" role="status">
        {list}
      </div>
    </ToastContext>
  );
}

export function useToast(): (toast: Toast) => void {
  return use(ToastContext);
}
