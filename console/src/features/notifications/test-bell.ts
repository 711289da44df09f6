import { post } from '../../api-client/http.ts';
import { NotificationSocket } from '../../api-client/notification-socket.ts';
import type { NotifyAnswer } from '../../api-client/types.ts';

const PATIENCE_MS = 5000;

export interface BellTest {
  readonly isGood: boolean;
  readonly text: string;
}

/** Sends a notification to the user and waits until it arrives over a live connection of its own. */
export async function testBell(userId: string): Promise<BellTest> {
  const arrived = new Map<string, number>();
  let isConnected = false;
  let look = () => {};
  const socket = new NotificationSocket(userId, {
    onConnected: (now) => {
      isConnected = now;
      look();
    },
    onChanged: () => {},
    onNotification: ({ id }) => {
      arrived.set(id, performance.now());
      look();
    },
  });
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      look = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        resolve();
      };
      look();
    });
  socket.connect();
  try {
    await until(() => isConnected);
    const begin = performance.now();
    const answer = await post<NotifyAnswer>('api/notifications/notify', {
      ...{ user_id: userId, type: 'bell_test', channel: 'in_app' },
      ...{ subject: 'Test of the bell', message: 'Sent from the console to show that it arrives.' },
    });
    const [delivery] = answer.deliveries;
    if (delivery?.status !== 'delivered') return { isGood: false, text: describeHeld(delivery) };
    await until(() => arrived.has(answer.id));
    return describeArrival(arrived.get(answer.id), begin, isConnected);
  } finally {
    socket.close();
  }
}

function describeHeld(delivery: NotifyAnswer['deliveries'][number] | undefined): string {
  const why = [delivery?.reason?.replaceAll('_', ' '), delivery?.detail].filter(Boolean).join(': ');
  return `Not delivered${why === '' ? '' : `: ${why}`}`;
}

function describeArrival(at: number | undefined, begin: number, isConnected: boolean): BellTest {
  if (at !== undefined) return { isGood: true, text: `Arrived live after ${Math.round(at - begin)} ms` };
  const why = isConnected
    ? 'it did not come over it in 5 s'
    : 'there is no live connection: does a proxy let WebSockets through?';
  return { isGood: false, text: `It is in the inbox, but ${why} The bell asks every 30 s instead.` };
}
