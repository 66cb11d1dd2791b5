import { ApiError, type StatusReason } from '../../core/index.js';
import type { LoggedObject } from '../history/logged-change.js';
import type { Effect, Operation } from '../history/operation.js';
import type { Journal } from './journal.js';

/** What the requests of one history have in common. */
export interface RequestLog {
  readonly journal: Journal;
  readonly operations: Operation[];
  /** The next moment; each differs. */
  readonly moment: () => number;
}

/** What an answer says about what happened; where it has a moment of its own, that of the answer. */
type Answer = Operation extends infer O
  ? O extends Operation
    ? Omit<O, 'name' | 'invoked' | 'returned'> & { readonly returned?: number }
    : never
  : never;

/** What is known of a request before it is answered. */
export interface RecordedRequest {
  readonly text: string;
  readonly send: () => Promise<readonly Answer[]>;
  /** What it may have done by now, where nobody knows. */
  readonly effects?: () => readonly Effect[];
  /** Whether it does that one by one, so that some of it may have happened where it fails. */
  readonly isPiecemeal?: boolean;
  /** The thing for whose sake it may be refused, and whether that is a reason to. */
  readonly place?: string;
  readonly because?: (reason: StatusReason, object: LoggedObject | undefined) => boolean;
}

const REFUSALS: ReadonlySet<StatusReason> = /* @__PURE__ */ new Set<StatusReason>([
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Invalid',
]);
const OUTAGES: ReadonlySet<StatusReason> = /* @__PURE__ */ new Set<StatusReason>([
  'ServiceUnavailable',
  'Timeout',
  'Expired',
]);

/** Writes down what somebody asked for, and what was answered. */
export class RequestRecorder {
  readonly #name: string;
  readonly #log: RequestLog;

  constructor(name: string, log: RequestLog) {
    this.#name = name;
    this.#log = log;
  }

  /** Runs a request; what it may have done is known even where it fails. */
  async record(request: RecordedRequest): Promise<void> {
    const { journal, moment, operations } = this.#log;
    const { place, because } = request;
    const invoked = moment();
    const name = `${this.#name} ${request.text}`;
    try {
      const answers = await request.send();
      const returned = moment();
      for (const answer of answers) operations.push({ name, invoked, returned, ...answer });
      journal.write(`${name} -> ${answers.map(answerText).join(', ')}`);
    } catch (error) {
      const returned = moment();
      if (!(error instanceof ApiError)) throw error;
      const { reason, ambiguous } = error;
      journal.write(`${name} -> ${ambiguous ? 'ambiguous ' : ''}${reason}: ${error.message}`);
      if (ambiguous || request.isPiecemeal === true) {
        const end = ambiguous ? Number.POSITIVE_INFINITY : returned;
        const effects = request.effects?.() ?? [];
        const happened = request.isPiecemeal === true ? effects.map((effect) => [effect]) : [effects];
        for (const each of happened.filter(({ length }) => length > 0)) {
          operations.push({ kind: 'uncertain', name, invoked, returned: end, effects: each });
        }
        if (ambiguous) return;
      }
      if (place !== undefined && because !== undefined && REFUSALS.has(reason)) {
        const isReason = (object: LoggedObject | undefined): boolean => because(reason, object);
        operations.push({ kind: 'refused', reason, name, invoked, returned, place, because: isReason });
        return;
      }
      // what several write at once may not come through
      if (!OUTAGES.has(reason) && !(reason === 'Conflict' && place === undefined)) throw error;
    }
  }
}

function answerText(answer: Answer): string {
  switch (answer.kind) {
    case 'write':
      return answer.revision === undefined ? 'done' : `done at ${answer.revision}`;
    case 'get':
      return answer.object === undefined
        ? 'nothing'
        : `${answer.object.content} of ${answer.object.revision}`;
    case 'list':
    case 'each':
      return `${answer.objects.length} at ${answer.revision}`;
    case 'refused':
    case 'uncertain':
      return answer.kind;
  }
}
