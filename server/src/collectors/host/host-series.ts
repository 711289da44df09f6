import type { Labels } from '../../model/labels.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { cpuUsagePercent, diskUsagePercent, networkRates, percent, usedMemory } from './host-figures.ts';
import type { HostReading } from './host-reading.ts';

/** Name, type, unit, help. */
type Metric = readonly [string, 'gauge' | 'counter', string, string];

/** What a reading says as series, each with the label `host`; figures over time need the reading before. */
export function hostSeries(host: string, reading: HostReading, before: HostReading | undefined): SeriesSamples[] {
  const series: SeriesSamples[] = [];
  const add = (metric: Metric, value: number | undefined, labels: Labels = {}) => {
    if (value === undefined || !Number.isFinite(value)) return;
    const [name, type, unit, help] = metric;
    series.push({
      name,
      labels: { host, ...labels },
      type,
      unit,
      help,
      timestamps: [reading.takenAt],
      values: [value],
    });
  };
  addCpu(add, reading, before);
  addMemory(add, reading);
  addDisks(add, reading);
  addNetwork(add, reading, before);
  add(['host_uptime_seconds', 'gauge', 'seconds', 'Time since the host was started.'], reading.uptimeSeconds);
  add(
    ['host_boot_time_seconds', 'gauge', 'seconds', 'When the host was started, in Unix time.'],
    reading.bootTimeSeconds,
  );
  add(['host_processes', 'gauge', '', 'Number of processes.'], reading.processes);
  return series;
}

type Add = (metric: Metric, value: number | undefined, labels?: Labels) => void;

function addCpu(add: Add, reading: HostReading, before: HostReading | undefined): void {
  add(
    ['host_cpu_usage_percent', 'gauge', 'percent', 'Share of all cores that was busy since the last reading.'],
    before && cpuUsagePercent(before.cpu, reading.cpu),
  );
  add(['host_cpu_cores', 'gauge', '', 'Number of processor cores.'], reading.cores);
  for (const [mode, seconds] of Object.entries(reading.cpu)) {
    add(['host_cpu_seconds_total', 'counter', 'seconds', 'Processor time since boot, by mode.'], seconds, { mode });
  }
  for (const [index, minutes] of [1, 5, 15].entries()) {
    add([`host_load${minutes}`, 'gauge', '', `Load average of ${minutes} min.`], reading.load[index]);
  }
}

function addMemory(add: Add, { memory }: HostReading): void {
  const gauge = (name: string, help: string): Metric => [`host_${name}_bytes`, 'gauge', 'bytes', help];
  const used = usedMemory(memory);
  add(gauge('memory_total', 'Memory of the host.'), memory.total);
  add(gauge('memory_used', 'Memory that is not available to new programs.'), used);
  add(gauge('memory_available', 'Memory that new programs can have without swapping.'), memory.available);
  add(gauge('memory_free', 'Memory that nothing uses.'), memory.free);
  add(gauge('memory_buffers', 'Memory of block device buffers.'), memory.buffers);
  add(gauge('memory_cached', 'Memory of the page cache and reclaimable slabs.'), memory.cached);
  add(
    ['host_memory_usage_percent', 'gauge', 'percent', 'Share of the memory that is used.'],
    percent(used, memory.total),
  );
  const swapUsed = memory.swapTotal - memory.swapFree;
  add(gauge('swap_total', 'Swap space.'), memory.swapTotal);
  add(gauge('swap_used', 'Swap space that is used.'), swapUsed);
  add(
    ['host_swap_usage_percent', 'gauge', 'percent', 'Share of the swap space that is used.'],
    percent(swapUsed, memory.swapTotal),
  );
}

function addDisks(add: Add, reading: HostReading): void {
  for (const disk of reading.disks) {
    const gauge = (name: string, help: string): Metric => [`host_disk_${name}_bytes`, 'gauge', 'bytes', help];
    const labels = { mount: disk.mount };
    add(gauge('total', 'Size of the file system.'), disk.totalBytes, labels);
    add(gauge('used', 'Used space of the file system.'), disk.usedBytes, labels);
    add(gauge('available', 'Space of the file system left to users.'), disk.availableBytes, labels);
    add(
      ['host_disk_usage_percent', 'gauge', 'percent', 'Share of the space for users that is used.'],
      diskUsagePercent(disk),
      labels,
    );
  }
  for (const io of reading.diskIo) {
    const counter = (name: string, unit: string, help: string): Metric => [
      `host_disk_${name}_total`,
      'counter',
      unit,
      help,
    ];
    const labels = { device: io.device };
    add(counter('read_bytes', 'bytes', 'Bytes read from the device.'), io.readBytes, labels);
    add(counter('written_bytes', 'bytes', 'Bytes written to the device.'), io.writtenBytes, labels);
    add(counter('reads', '', 'Finished reads of the device.'), io.reads, labels);
    add(counter('writes', '', 'Finished writes of the device.'), io.writes, labels);
    add(counter('busy_seconds', 'seconds', 'Time in which the device was busy.'), io.busySeconds, labels);
  }
}

function addNetwork(add: Add, reading: HostReading, before: HostReading | undefined): void {
  for (const network of reading.network) {
    const labels = { interface: network.interface };
    const counter = (name: string, unit: string, help: string): Metric => [
      `host_network_${name}_total`,
      'counter',
      unit,
      help,
    ];
    add(counter('receive_bytes', 'bytes', 'Bytes received.'), network.receiveBytes, labels);
    add(counter('transmit_bytes', 'bytes', 'Bytes sent.'), network.transmitBytes, labels);
    add(counter('receive_packets', '', 'Packets received.'), network.receivePackets, labels);
    add(counter('transmit_packets', '', 'Packets sent.'), network.transmitPackets, labels);
    add(counter('receive_errors', '', 'Errors while receiving.'), network.receiveErrors, labels);
    add(counter('transmit_errors', '', 'Errors while sending.'), network.transmitErrors, labels);
    add(counter('receive_drops', '', 'Received packets that were dropped.'), network.receiveDrops, labels);
    add(counter('transmit_drops', '', 'Packets dropped while sending.'), network.transmitDrops, labels);
  }
  const rates = before && reading.network.length > 0 ? networkRates(before, reading) : undefined;
  add(
    ['host_network_receive_bytes_per_second', 'gauge', 'bytes_per_second', 'Traffic received since the last reading.'],
    rates?.receiveBytesPerSecond,
  );
  add(
    ['host_network_transmit_bytes_per_second', 'gauge', 'bytes_per_second', 'Traffic sent since the last reading.'],
    rates?.transmitBytesPerSecond,
  );
}
