import { fileURLToPath } from 'node:url';
import { startTestService, type TestService, type TestServiceOptions } from '../../tests/support/service.ts';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

/** The service as `npm start` runs it. */
export function startService(options: Omit<TestServiceOptions, 'command'> = {}): Promise<TestService> {
  const flags = ['--max-semi-space-size=4', '--v8-pool-size=2'];
  return startTestService({ ...options, command: [process.execPath, ...flags, MAIN] });
}
