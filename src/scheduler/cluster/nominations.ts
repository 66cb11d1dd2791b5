import type { ApiObject } from '../../core/index.js';
import type { WorkloadInfo } from '../framework/index.js';
import type { UndoLog } from './undo-log.js';

const NOBODY: ReadonlySet<never> = /* @__PURE__ */ new Set<never>();

/** The workloads that are not placed, and for which room is kept on a host. */
export class Nominations<W extends ApiObject> {
  readonly #undo: UndoLog;
  // by key of the workload, and by the name of the host: of no host is the set empty
  readonly #byKey = new Map<string, { readonly workload: WorkloadInfo<W>; readonly host: string }>();
  readonly #byHost = new Map<string, Set<WorkloadInfo<W>>>();
  #version = 0;

  constructor(undo: UndoLog) {
    this.#undo = undo;
  }

  /** Counts the changes. */
  get version(): number {
    return this.#version;
  }

  /** The host on which room is kept for a workload; undefined where none is. */
  hostOf(key: string): string | undefined {
    return this.#byKey.get(key)?.host;
  }

  /** Those for which room is kept on a host. */
  on(host: string): ReadonlySet<WorkloadInfo<W>> {
    return this.#byHost.get(host) ?? NOBODY;
  }

  /** The hosts on which room is kept for somebody: as they are now, whatever changes later. */
  hosts(): readonly string[] {
    return this.#byHost.size === 0 ? [] : [...this.#byHost.keys()];
  }

  /** Keeps room for a workload on this host, and on no other. */
  add(workload: WorkloadInfo<W>, host: string): void {
    this.delete(workload.key);
    this.#byKey.set(workload.key, { workload, host });
    let there = this.#byHost.get(host);
    if (there === undefined) this.#byHost.set(host, (there = new Set()));
    there.add(workload);
    this.#version += 1;
    this.#undo.record(() => this.delete(workload.key));
  }

  /** Keeps room for a workload no more; nothing happens where none is kept. */
  delete(key: string): void {
    const nomination = this.#byKey.get(key);
    if (nomination === undefined) return;
    const { workload, host } = nomination;
    this.#byKey.delete(key);
    const there = this.#byHost.get(host);
    there?.delete(workload);
    if (there?.size === 0) this.#byHost.delete(host);
    this.#version += 1;
    this.#undo.record(() => this.add(workload, host));
  }
}
