/** Hours of the week in which a layer is on duty. */
export interface OnCallHours {
  /** ISO days on which they begin: 1 is Monday. */
  readonly days: readonly number[];
  /** `09:00`. */
  readonly start: string;
  /** `17:00`; not after the start: on the next day. */
  readonly end: string;
}

/** A rotation. */
export interface OnCallLayer {
  readonly name: string;
  readonly rotation: 'hourly' | 'daily' | 'weekly';
  /** Hours, days or weeks between two handoffs. */
  readonly every: number;
  /** Local date and time of the first handoff; the others follow by the clock on the wall. Nobody before it. */
  readonly start: string;
  /** User ids in their order. */
  readonly participants: readonly string[];
  /** Empty: always. */
  readonly hours: readonly OnCallHours[];
}

export interface OnCallOverride {
  readonly id: string;
  readonly userId: string;
  /** Unix milliseconds. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
}

export interface OnCallSchedule {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly timeZone: string;
  /** A later one wins over an earlier one. */
  readonly layers: readonly OnCallLayer[];
  /** Above all layers; a later one wins over an earlier one. */
  readonly overrides: readonly OnCallOverride[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Somebody is on call from `startsAt` on and before `endsAt`, Unix milliseconds. */
export interface OnCallShift {
  readonly userId: string;
  readonly startsAt: number;
  readonly endsAt: number;
  /** Name of the layer; null: an override. */
  readonly layer: string | null;
}
