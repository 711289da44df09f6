import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { Config } from '../../config/index.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const GIB = 1024 ** 3;
const PLATFORMS = ['linux x64', 'linux arm64', 'darwin x64', 'darwin arm64'];

/** Node, platform, processor and memory. */
export function machineFindings(): Finding[] {
  return [nodeFinding(), platformFinding(), processorFinding(), memoryFinding()];
}

function nodeFinding(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 26) return ok('Node', process.version);
  return fail('Node', `${process.version} at ${process.execPath}`, 'use Node 26 or newer; in the source tree: npm ci');
}

function platformFinding(): Finding {
  const platform = `${process.platform} ${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    return fail(
      'platform',
      platform,
      `the telemetry engine runs on ${PLATFORMS.join(', ')}; elsewhere use the container`,
    );
  }
  const report = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (process.platform === 'linux' && report.header.glibcVersionRuntime === undefined) {
    return fail(
      'platform',
      `${platform} without glibc`,
      'the telemetry engine needs glibc: use Debian, Ubuntu or the like instead of Alpine',
    );
  }
  return ok('platform', platform);
}

/** The engine is compiled for SSE 4.2, and has faster code for AVX2. */
function processorFinding(): Finding {
  if (process.platform !== 'linux' || process.arch !== 'x64') return ok('processor', process.arch);
  let flags: Set<string>;
  try {
    flags = new Set(/^flags\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' '));
  } catch {
    return warn('processor', 'its features cannot be read', 'make /proc readable to this user');
  }
  if (!flags.has('sse4_2')) {
    return fail(
      'processor',
      'without SSE 4.2',
      'the telemetry engine cannot run on it: use another, or CLICKHOUSE_URL',
    );
  }
  if (!flags.has('avx2')) {
    return warn(
      'processor',
      'without AVX2',
      'queries are slower; in a virtual machine pass the processor of the host through',
    );
  }
  return ok('processor', 'x64 with AVX2');
}

function memoryFinding(): Finding {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  const detail = `${(bytes / GIB).toFixed(1)} GiB`;
  if (bytes >= GIB) return ok('memory', detail);
  return warn('memory', detail, 'give the machine or the container 1 GiB or more: heavy queries fail for lack of it');
}

/** Free space, and whether the budget can be met. */
export async function diskFinding({ dataDir, diskBudget }: Config): Promise<Finding> {
  const { bavail, bsize, blocks } = await statfs(dataDir);
  const free = bavail * bsize;
  const detail = `${(free / GIB).toFixed(1)} GiB free of ${((blocks * bsize) / GIB).toFixed(1)} GiB under ${dataDir}`;
  if (free < GIB / 4) return fail('disk', detail, 'free space: telemetry is refused on a full disk');
  if (free < 2 * GIB) return warn('disk', detail, 'free space, shorten RETENTION_*, or set DISK_BUDGET');
  if (diskBudget !== undefined && diskBudget > blocks * bsize) {
    return warn(
      'disk',
      `${detail}; DISK_BUDGET is larger than the disk`,
      'lower DISK_BUDGET: merges need room besides',
    );
  }
  return ok('disk', detail);
}
