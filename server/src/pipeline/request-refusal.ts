/**
 * Why a whole request was refused before it had items: error codes of the service, with what they mean here and what
 * to do. Refusals with other codes are counted by their items.
 */
const REQUEST_REFUSALS = {
  malformed: {
    description: 'whole requests that could not be read',
    advice: 'the answer to the sender says where; look whether it speaks the protocol of this address',
  },
  too_large: {
    description: 'whole requests that were too large',
    advice: 'make the batches of the sender smaller; the answer names the limit',
  },
  unsupported_media_type: {
    description: 'whole requests with a content type or encoding that this address does not take',
    advice: 'look at the protocol and the address in the sender; the answer names what is taken',
  },
  timed_out: {
    description: 'whole requests that arrived too slowly',
    advice: 'make the batches of the sender smaller, or look at the network between',
  },
  unauthenticated: {
    description: 'whole requests without an API key that is known',
    advice: 'give the sender a key with the scope ingest: Authorization: Bearer <key>',
  },
  forbidden: {
    description: 'whole requests whose API key has another scope',
    advice: 'give the sender a key with the scope ingest',
  },
} as const;

export type RequestRefusal = keyof typeof REQUEST_REFUSALS;

export function isRequestRefusal(code: string): code is RequestRefusal {
  return Object.hasOwn(REQUEST_REFUSALS, code);
}

/** A refusal in words, and what to do about it. */
export function explainRequestRefusal(refusal: RequestRefusal): { description: string; advice: string } {
  return REQUEST_REFUSALS[refusal];
}
