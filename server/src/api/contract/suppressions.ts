import { z } from 'zod';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { instant, list } from './common.ts';

const channel = z.enum(CHANNEL_NAMES);

export const suppressionList = list(
  z.object({
    channel,
    address: z.string(),
    scope: z.enum(['all', 'notices']).describe('`notices`: alerts and pages still arrive'),
    reason: z.enum(['unsubscribed', 'bounced']),
    detail: z.string(),
    created_at: instant,
  }),
);
export const suppressionKey = z.strictObject({ channel, address: z.string().trim().min(1).max(2000) });

export const unsubscribeParams = z.strictObject({ token: z.string().min(1).max(2000) });
export const callbackParams = z.strictObject({ channel: z.string().min(1).max(64) });
