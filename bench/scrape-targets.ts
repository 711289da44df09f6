/**
 * The targets of the benchmark `scrape`, in a process of their own: whatever the path, an answer of so many series whose
 * values differ from answer to answer, packed where the asker takes it. Prints its port.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** So many different answers go round: packing each anew would measure this process. */
const VARIANTS = 8;
const PER_METRIC = 10;
const series = Number(process.argv[2] ?? 1000);

function answer(variant: number): string {
  const lines: string[] = [];
  for (let index = 0; index < series; index++) {
    const metric = `bench_requests_${Math.floor(index / PER_METRIC)}_total`;
    if (index % PER_METRIC === 0) lines.push(`# HELP ${metric} Requests of the benchmark.`, `# TYPE ${metric} counter`);
    const labels = `method="GET",path="/api/v1/resource/${index % PER_METRIC}",code="200",zone="eu-central-1a"`;
    lines.push(`${metric}{${labels}} ${variant * 1000 + index * 17}`);
  }
  return `${lines.join('\n')}\n`;
}

const answers = Array.from({ length: VARIANTS }, (_, variant) => {
  const plain = Buffer.from(answer(variant));
  return { plain, packed: gzipSync(plain) };
});
let asked = 0;
const server = http.createServer((request, response) => {
  const { plain, packed } = answers[asked++ % VARIANTS]!;
  const packs = request.headers['accept-encoding'] === 'gzip';
  const headers = { 'content-type': 'text/plain; version=0.0.4', ...(packs && { 'content-encoding': 'gzip' }) };
  response.writeHead(200, headers).end(packs ? packed : plain);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
