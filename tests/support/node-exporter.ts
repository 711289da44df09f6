import { missingProgram, startDebianServer } from './debian-program.ts';

const PROGRAM = 'prometheus-node-exporter';

export const missingNodeExporter = () => missingProgram(PROGRAM, 'a real node exporter');

/** Starts the exporter of this machine; resolves with its end once it answers. */
export async function startNodeExporter(port: number): Promise<() => Promise<void>> {
  const words = [`--web.listen-address=127.0.0.1:${port}`];
  const { stop } = await startDebianServer(PROGRAM, words, `http://127.0.0.1:${port}/metrics`);
  return stop;
}
