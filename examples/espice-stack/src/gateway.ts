/** The front door: takes simulations, asks the other services in turn. */
import { call, serve } from './http-service.ts';
import { log } from './log.ts';

serve({
  'POST /simulations': async ({ body }) => {
    const user = await call<{ id?: string }>('user-management', 'GET', `/users/${String(body.user)}`);
    if (user.id === undefined) return { status: 404, body: { error: `no user ${String(body.user)}` } };
    const circuit = await call<{ nodes: number; devices: number }>('data-processing', 'POST', '/netlists', {
      netlist: body.netlist,
    });
    const validation = await call<{ valid: boolean; reason?: string }>(
      'model-validation',
      'POST',
      '/validations',
      circuit,
    );
    if (!validation.valid) {
      log.warn('simulation refused', { user: user.id, reason: validation.reason ?? '' });
      return { status: 422, body: validation };
    }
    const job = await call<{ id: string }>('simulation', 'POST', '/jobs', { ...circuit, user: user.id });
    log.info('simulation accepted', { user: user.id, job: job.id, devices: circuit.devices });
    return { status: 202, body: job };
  },
  'GET /simulations': async ({ id }) => ({ status: 200, body: await call('simulation', 'GET', `/jobs/${id}`) }),
});
