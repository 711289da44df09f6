import { apiKey, reportRefusal } from './credentials.ts';
import { type Parameters, serviceUrl } from './http.ts';

interface StreamHandlers {
  onEvent: (data: string) => void;
  onConnected: (connected: boolean) => void;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * Server-sent events by fetch, since EventSource cannot send an API key. Comes again with the id of its last event,
 * so that nothing in between is missed. `after` is the id to begin after. Returns what ends it.
 */
export function openEventStream(
  path: string,
  parameters: Parameters,
  after: string,
  { onEvent, onConnected }: StreamHandlers,
): () => void {
  const ended = new AbortController();
  let lastId = after;
  let attempts = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const connect = async () => {
    try {
      const key = apiKey();
      const response = await fetch(serviceUrl(path, parameters), {
        headers: { 'last-event-id': lastId, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
        signal: ended.signal,
      });
      if (response.status === 401) reportRefusal(key);
      if (response.ok && response.body) {
        attempts = 0;
        onConnected(true);
        for await (const block of blocksOf(response.body)) {
          const { id, data } = parseEvent(block);
          lastId = id ?? lastId;
          if (data !== '') onEvent(data);
        }
      }
    } catch {
      // A connection that breaks is made anew below.
    }
    if (ended.signal.aborted) return;
    onConnected(false);
    const most = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempts++);
    timer = setTimeout(() => void connect(), most / 2 + (Math.random() * most) / 2);
  };
  void connect();
  return () => {
    ended.abort();
    clearTimeout(timer);
  };
}

async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    yield* blocks;
  }
}

function parseEvent(block: string): { id: string | undefined; data: string } {
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) id = line.slice(4);
    if (line.startsWith('data: ')) data.push(line.slice(6));
  }
  return { id, data: data.join('\n') };
}
