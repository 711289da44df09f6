const USERS = ['ada', 'blaise', 'carl', 'emmy', 'george', 'sofia', 'nobody'];
const MOST_IN_FLIGHT = 20;

export interface Load {
  readonly sent: number;
  stop(): void;
}

/** Sends simulations to the gateway at a steady pace until stopped; a slow stack gets no more than 20 at a time. */
export function startLoad(gatewayPort: number, requestsPerSecond: number): Load {
  let sent = 0;
  let inFlight = 0;
  const timer = setInterval(() => {
    if (inFlight >= MOST_IN_FLIGHT) return;
    sent++;
    inFlight++;
    void simulate(gatewayPort).finally(() => inFlight--);
  }, 1000 / requestsPerSecond);
  return {
    get sent() {
      return sent;
    },
    stop: () => clearInterval(timer),
  };
}

async function simulate(port: number): Promise<void> {
  const user = USERS[Math.floor(Math.random() ** 2 * USERS.length)];
  const body = JSON.stringify({ user, netlist: netlist(Math.floor(Math.random() * 40)) });
  await fetch(`http://127.0.0.1:${port}/simulations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
    .then((answer) => answer.text())
    .catch(() => undefined);
}

/** A ladder of resistors; now and then an empty circuit, which validation refuses. */
function netlist(devices: number): string {
  const lines = Array.from({ length: devices }, (_, index) => `R${index} n${index} n${index + 1} 1k`);
  return ['* ladder', 'V1 n0 0 5', ...lines].slice(0, devices === 0 ? 1 : undefined).join('\n');
}
