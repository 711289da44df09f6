/** Says whether a circuit can be simulated. */
import { serve } from './http-service.ts';
import { log } from './log.ts';

serve({
  'POST /validations': ({ body }) => {
    const devices = Number(body.devices);
    const nodes = Number(body.nodes);
    if (devices === 0 || nodes < 2) {
      log.warn('model rejected', { devices, nodes });
      return { status: 200, body: { valid: false, reason: 'the circuit has no closed loop' } };
    }
    log.info('model validated', { devices, nodes });
    return { status: 200, body: { valid: true } };
  },
});
