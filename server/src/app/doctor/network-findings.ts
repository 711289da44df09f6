import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import type { Config } from '../../config/index.ts';
import { isPortInUse } from '../listen-error.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const PATIENCE_MS = 5000;

/** Ports that the service listens on. With `inUse` it is the service itself that has them. */
export async function portFindings(config: Config, inUse: boolean): Promise<Finding[]> {
  const ports = [
    { name: 'PORT', port: config.port, isVital: true },
    { name: 'OTLP_HTTP_PORT', port: config.otlpHttpPort, isVital: false },
    { name: 'OTLP_GRPC_PORT', port: config.otlpGrpcPort, isVital: false },
  ].filter(({ port }) => port !== 0);
  return await Promise.all(
    ports.map(async ({ name, port, isVital }) => {
      const problem = await listenProblem(config.host, port);
      if (problem === undefined)
        return inUse
          ? warn(name, `${port} is free although a service runs`, `does it have another ${name}?`)
          : ok(name, `${port} is free`);
      if (isPortInUse(problem) && inUse) return ok(name, `${port} is in use, as it should be`);
      const detail = `${config.host}, port ${port}: ${problem.message}`;
      if (isVital) return fail(name, detail, `stop what has the port, or set another ${name}`);
      return warn(name, detail, `the service starts without it; stop what has the port, or set ${name}=0`);
    }),
  );
}

async function listenProblem(host: string, port: number): Promise<Error | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    server.close();
  }
}

/** Whether the mail server greets; nothing is sent. */
export async function mailFinding({ smtpUrl }: Config): Promise<Finding> {
  if (smtpUrl === undefined) return ok('mail server', 'none: SMTP_URL is not set');
  const { hostname, port, protocol } = new URL(smtpUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isTls = protocol === 'smtps:';
  const number = Number(port) || (isTls ? 465 : 587);
  const where = `${host}:${number}`;
  const socket: Socket = isTls
    ? connect({ host, port: number, servername: host })
    : createConnection({ host, port: number });
  try {
    const greeting = await greetingOf(socket);
    if (greeting.startsWith('220')) return ok('mail server', `${where} greets`);
    return fail('mail server', `${where} says "${greeting.slice(0, 80)}"`, 'correct SMTP_URL: that is no mail server');
  } catch (error) {
    return fail(
      'mail server',
      `${where}: ${(error as Error).message}`,
      'correct SMTP_URL (smtps:// for TLS from the start), or let it through the firewall',
    );
  } finally {
    socket.destroy();
  }
}

async function greetingOf(socket: Socket): Promise<string> {
  const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error: Error) => {
    throw error.name === 'AbortError' ? new Error('no answer within 5 s') : error;
  })) as [Buffer];
  return data.toString().split('\r\n', 1)[0]!;
}
