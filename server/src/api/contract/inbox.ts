import { z } from 'zod';
import { instant } from './common.ts';
import { userId, words } from './notifications.ts';

export const inboxParameters = z.strictObject({
  after_seq: z
    .string()
    .regex(/^\d{1,15}$/, 'use a whole number')
    .transform(Number)
    .optional()
    .describe('the last `seq` seen: what came after it is sent first (at most 500)'),
});

export const inboxCounts = z.object({
  user_id: z.string(),
  unread: z.int().describe('without what is archived or snoozed'),
  unseen: z.int(),
});

export const ticketBody = z.strictObject({ user_id: userId.describe('whose inbox it opens') });
export const ticketAnswer = z.object({
  ticket: z.string().describe('as the subprotocols `bearer, <ticket>`; once'),
  user_id: z.string(),
  expires_at: instant,
});

export const notificationPatch = z
  .strictObject({
    seen: z.literal(true).optional(),
    read: z.boolean().optional(),
    archived: z.boolean().optional(),
    snoozed_until: instant.nullable().optional().describe('null: bring it back now'),
    user_id: userId.optional().describe('of which user; left out: of all who have it'),
  })
  .refine(
    ({ seen, read, archived, snoozed_until }) => [seen, read, archived, snoozed_until].some((it) => it !== undefined),
    { path: ['read'], message: 'say what to set: seen, read, archived or snoozed_until' },
  );

export const readAllBody = z.strictObject({ user_id: userId });
export const changedAnswer = z.object({ updated: z.int().describe('how many items changed') });

export const bulkBody = z
  .strictObject({
    user_id: userId,
    action: z.enum(['seen', 'read', 'unread', 'archive', 'unarchive', 'delete']),
    ids: z.array(z.string().min(1).max(100)).min(1).max(500).optional().describe('notifications; or `all`'),
    all: z.literal(true).optional().describe('every item of the inbox'),
    type: words.optional().describe('with `all`: only of this type'),
  })
  .superRefine(({ ids, all, type }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (ids === undefined && all === undefined) refuse('ids', 'say which: ids, or "all": true');
    if (ids !== undefined && all !== undefined) refuse('all', 'use either ids or all');
    if (ids !== undefined && type !== undefined) refuse('type', 'goes with "all": true only');
  });
