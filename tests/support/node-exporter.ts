import { execFileSync, spawn } from 'node:child_process';

const PROGRAM = 'prometheus-node-exporter';

/** Why no real node exporter can run here, or `undefined`; with CI=true a missing one fails. */
export function missingNodeExporter(): string | undefined {
  try {
    execFileSync(PROGRAM, ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    const message = `the command "${PROGRAM}" is not installed (Debian: apt-get install ${PROGRAM})`;
    if (process.env.CI === 'true') throw new Error(message);
    process.stderr.write(`SKIPPED: a real node exporter: ${message}\n`);
    return message;
  }
}

/** Starts the exporter of this machine; resolves with its end once it answers. */
export async function startNodeExporter(port: number): Promise<() => Promise<void>> {
  const child = spawn(PROGRAM, [`--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  void exited.then(() => process.off('exit', reap));
  const deadline = performance.now() + 20_000;
  while (!(await answers(port))) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error(`${PROGRAM} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return async () => {
    child.kill('SIGKILL');
    await exited;
  };
}

async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}
