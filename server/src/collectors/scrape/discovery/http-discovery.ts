import type { HttpAnswer, HttpClient } from '../http-client.ts';
import { readTargetGroups } from './file-discovery.ts';
import type { TargetGroup } from './target-group.ts';

const MOST_BYTES = 64 * 1024 * 1024;

/** Asks a server for the list of targets. https://prometheus.io/docs/prometheus/latest/http_sd/ */
export async function askForTargets(
  client: HttpClient,
  url: string,
  refreshMs: number,
  signal: AbortSignal,
): Promise<TargetGroup[]> {
  const headers = {
    accept: 'application/json',
    'user-agent': 'system-service',
    'x-prometheus-refresh-interval-seconds': String(refreshMs / 1000),
  };
  const answer = await client.get(url, headers, AbortSignal.any([signal, AbortSignal.timeout(refreshMs)]));
  const type = String(answer.headers['content-type'] ?? '');
  if (answer.status !== 200 || !/^application\/json(;|$)/i.test(type.trim())) {
    answer.body.destroy();
    const what = answer.status === 200 ? `with the Content-Type "${type}"` : `with HTTP status ${answer.status}`;
    throw new Error(`the server of targets answers ${what} in place of 200 and application/json`);
  }
  return readTargetGroups(await readJson(answer), { __meta_url: url });
}

/** The body of an answer as JSON. */
export async function readJson(answer: HttpAnswer): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error(`the answer is larger than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new Error(`the answer is no JSON: ${(error as Error).message}`);
  }
}
