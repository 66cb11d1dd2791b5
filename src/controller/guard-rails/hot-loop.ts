import { formatKey, type ObjectKey, preview } from '../../core/index.js';
import { explainDiff } from '../../patch/index.js';
import { formatDuration } from '../trace/format-duration.js';

/** A field that every one of the writes of a {@link HotLoop} changed. */
export interface LoopingField {
  /** As in `spec.containers[0].image`; items of lists go by index. */
  readonly path: string;
  /** Whether the writes set values that others of them had set, or a new one each time. */
  readonly pattern: 'oscillating' | 'ever new';
  /** The latest values that the field had, each once, oldest first: at least two, at most three. Undefined is a field that was not there. */
  readonly values: readonly unknown[];
}

/** How many fields a message names. */
const MOST_NAMED = 3;

/** A controller that changes the same fields of the same object again and again: what it is, as data and as a line for people. */
export class HotLoop {
  readonly controller: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly key: ObjectKey;
  /** The store of the object, where there are several. */
  readonly store: string | undefined;
  /** At least one. */
  readonly fields: readonly LoopingField[];
  /** How many writes changed all of the fields. */
  readonly writes: number;
  /** How long that took, in milliseconds. */
  readonly duration: number;

  constructor(finding: {
    readonly controller: string;
    readonly apiVersion: string;
    readonly kind: string;
    readonly key: ObjectKey;
    readonly store: string | undefined;
    readonly fields: readonly LoopingField[];
    readonly writes: number;
    readonly duration: number;
  }) {
    this.controller = finding.controller;
    this.apiVersion = finding.apiVersion;
    this.kind = finding.kind;
    this.key = finding.key;
    this.store = finding.store;
    this.fields = finding.fields;
    this.writes = finding.writes;
    this.duration = finding.duration;
  }

  /** What it is, on one line. */
  toString(): string {
    const store = this.store === undefined ? '' : ` in store ${this.store}`;
    const object = `${this.kind} ${formatKey(this.key)}${store}`;
    const often = `${this.writes} writes in ${formatDuration(this.duration)}`;
    const named = this.fields.slice(0, MOST_NAMED).map(describe);
    const more = this.fields.length - named.length;
    const rest = more > 0 ? `; and ${more} more` : '';
    return `controller ${this.controller} changes ${object} again and again (${often}): ${named.join('; ')}${rest}`;
  }
}

function describe({ path, pattern, values }: LoopingField): string {
  const latest = valueTexts(values);
  return pattern === 'oscillating'
    ? `${path} goes back and forth between ${latest.join(' and ')}`
    : `${path} gets a new value each time, lately ${latest.join(', ')}`;
}

/** The values as short texts; where those look alike, what the difference is between the last two. */
function valueTexts(values: readonly unknown[]): readonly string[] {
  const texts = values.map((value) => (value === undefined ? 'nothing' : preview(value)));
  if (new Set(texts).size === texts.length) return texts;
  return explainDiff(values.at(-2), values.at(-1)).slice(0, 1);
}
