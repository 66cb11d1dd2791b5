/** What an event can be about: any stored object. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
}

/** What happened. */
export interface EventDetails {
  /** `'Warning'` where somebody should look into it. */
  readonly type: 'Normal' | 'Warning';
  /** Why, for machines: one word such as `Published`, of 1 to 128 bytes. */
  readonly reason: string;
  /** What was done or tried: one word such as `Publish`, of 1 to 128 bytes. */
  readonly action: string;
  /** For people; what is beyond 1,024 bytes is cut off. */
  readonly note: string;
  /** A second object that it is about. */
  readonly related?: EventSubject | undefined;
}
