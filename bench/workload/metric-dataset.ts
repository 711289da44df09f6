import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet, SCRAPE_INTERVAL_MS } from './fleet.ts';
import { encodeLabels, RemoteWriteBody } from './remote-write-body.ts';
import { type PreparedRequest, RequestFileWriter, readRequestFile } from './request-file.ts';
import { SnappyCompressor } from './snappy-compressor.ts';

const SAMPLES_A_REQUEST = 8000;
const LANES = 4;
const MINUTE_MS = 60_000;

interface Manifest {
  readonly hours: number;
  /** Unix milliseconds, a whole minute: all samples are older. */
  readonly end: number;
  readonly series: number;
  readonly samples: number;
}

export interface MetricDataset extends Manifest {
  /** One list a connection; within one the samples of a series stand in the order of time. */
  lanes(): PreparedRequest[][];
}

/** The day of the fleet as bodies of remote write, made where the folder does not have it yet. */
export function metricDataset(folder: string, hours: number): MetricDataset {
  const path = join(folder, `remote-write-${hours}h`);
  const manifestPath = join(path, 'manifest.json');
  if (!existsSync(manifestPath)) {
    mkdirSync(path, { recursive: true });
    writeFileSync(manifestPath, JSON.stringify(writeBodies(path, hours)));
  }
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest;
  return {
    ...manifest,
    lanes: () => Array.from({ length: LANES }, (_, lane) => readRequestFile(lanePath(path, lane))),
  };
}

function lanePath(folder: string, lane: number): string {
  return join(folder, `lane-${lane}.bin`);
}

function writeBodies(folder: string, hours: number): Manifest {
  const fleet = new Fleet();
  const rounds = Math.floor((hours * 3_600_000) / SCRAPE_INTERVAL_MS);
  const end = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const start = end - rounds * SCRAPE_INTERVAL_MS;
  const compressor = new SnappyCompressor();
  const lanes = Array.from({ length: LANES }, (_, lane) => ({
    file: new RequestFileWriter(lanePath(folder, lane)),
    body: new RemoteWriteBody(),
    // All series of an instance go over one connection.
    series: fleet.series
      .filter(({ instance }) => instance % LANES === lane)
      .map((series) => ({ ...series, encoded: encodeLabels(series.labels) })),
  }));
  const flush = ({ file, body }: (typeof lanes)[number]) => {
    const { samples } = body;
    if (samples > 0) file.add(compressor.compress(body.take()), samples);
  };
  for (let round = 0; round < rounds; round++) {
    fleet.advance(round);
    const time = start + round * SCRAPE_INTERVAL_MS;
    for (const lane of lanes) {
      for (const { encoded, offsetMs, next } of lane.series) lane.body.add(encoded, time + offsetMs, next());
      if (lane.body.samples + lane.series.length > SAMPLES_A_REQUEST) flush(lane);
    }
  }
  for (const lane of lanes) {
    flush(lane);
    lane.file.close();
  }
  return { hours, end, series: fleet.series.length, samples: rounds * fleet.series.length };
}
