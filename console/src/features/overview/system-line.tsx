import { formatBytes, formatCount } from '../../format/number.ts';
import { useSystem } from './use-system.ts';

/** The host in one line. */
export function SystemLine() {
  const { data } = useSystem();
  if (!data?.system) return null;
  const { host, cpu, memory } = data.system;
  return (
    <>
      {host} · {cpu.cores} cores · {formatBytes(memory.total_bytes)} memory · load {formatCount(cpu.load_1m)}
    </>
  );
}
