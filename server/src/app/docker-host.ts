import { existsSync } from 'node:fs';

const USUAL_SOCKET = '/var/run/docker.sock';

/** Where the Docker Engine API is: as configured, else its usual socket where there is one. */
export function findDockerHost(configured: string | undefined): string | undefined {
  return configured ?? (existsSync(USUAL_SOCKET) ? `unix://${USUAL_SOCKET}` : undefined);
}
