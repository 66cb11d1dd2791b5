import { preview, validateName } from '../../core/index.js';
import type { EventDetails, EventSubject } from './event-details.js';

/**
 * Tells people what a controller did, in Events beside its objects.
 *
 * To record waits for nothing, and fails for nothing that the server does: the event is written in the background, may be told together
 * with others, and may be dropped, as `EventSink` says. Events are for people; nothing should depend on them.
 */
export class EventRecorder {
  /** Who tells: the `reportingController` of the events. */
  readonly controller: string;
  readonly #record: (object: EventSubject, details: EventDetails) => void;

  /** @param record - Checks an event and takes it. */
  constructor(controller: string, record: (object: EventSubject, details: EventDetails) => void) {
    if (typeof controller !== 'string' || !isControllerName(controller)) {
      throw new TypeError(
        `recorder: controller: expected a qualified name such as 'website', got ${preview(controller)}`,
      );
    }
    this.controller = controller;
    this.#record = record;
  }

  /**
   * Records that something happened to an object.
   *
   * @throws TypeError for details that no Event can have, naming the field.
   */
  event(object: EventSubject, details: EventDetails): void {
    this.#record(object, details);
  }

  /** Records that something went well; the action is called as the reason is. @throws TypeError as {@link event} does. */
  normal(object: EventSubject, reason: string, note: string): void {
    this.#record(object, { type: 'Normal', reason, action: reason, note });
  }

  /** Records what somebody should look into; the action is called as the reason is. @throws TypeError as {@link event} does. */
  warning(object: EventSubject, reason: string, note: string): void {
    this.#record(object, { type: 'Warning', reason, action: reason, note });
  }
}

/** It is written into the events, and is their field manager. */
function isControllerName(text: string): boolean {
  return (
    validateName('qualified-name', text).length === 0 && validateName('field-manager', text).length === 0
  );
}
