import type { Clock, Counter, Gauge, Histogram, MetricsProvider } from '../../core/index.js';
import type { QueuePlace } from '../queue/index.js';

const SECONDS = [0.000_01, 0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300];
const QUEUES = ['active', 'backoff', 'unschedulable', 'gated'] as const;

/** The metrics of a scheduler, under the names of kube-scheduler. */
export class SchedulerMetrics {
  readonly #clock: Clock;
  readonly #attempts: Counter;
  readonly #attemptSeconds: Histogram;
  readonly #algorithmSeconds: Histogram;
  readonly #podAttempts: Histogram;
  readonly #podSeconds: Histogram;
  readonly #victims: Histogram;
  readonly #preemptions: Counter;
  readonly #permitSeconds: Histogram;
  readonly #rejections: Counter;
  readonly #pending: Gauge;
  readonly #counts: () => Readonly<Record<QueuePlace, number>>;
  // end the gauges that are asked for their values; empty where they have to be told
  readonly #ends: (() => void)[] = [];

  constructor(metrics: MetricsProvider, clock: Clock, counts: () => Readonly<Record<QueuePlace, number>>) {
    this.#clock = clock;
    this.#counts = counts;
    this.#attempts = metrics.counter({
      name: 'scheduler_schedule_attempts_total',
      help: 'Attempts to place a workload, by result: scheduled, unschedulable or error.',
      labelNames: ['result', 'profile'],
    });
    this.#attemptSeconds = metrics.histogram({
      name: 'scheduler_scheduling_attempt_duration_seconds',
      help: 'How long an attempt took, from the decision to the end of the binding.',
      labelNames: ['result', 'profile'],
      buckets: SECONDS,
    });
    this.#algorithmSeconds = metrics.histogram({
      name: 'scheduler_scheduling_algorithm_duration_seconds',
      help: 'How long a decision took.',
      buckets: SECONDS,
    });
    this.#podAttempts = metrics.histogram({
      name: 'scheduler_pod_scheduling_attempts',
      help: 'How many attempts it took to place a workload.',
      buckets: [1, 2, 4, 8, 16],
    });
    this.#podSeconds = metrics.histogram({
      name: 'scheduler_pod_scheduling_sli_duration_seconds',
      help: 'How long it took to place a workload, from when it came into the queue.',
      labelNames: ['attempts'],
      buckets: SECONDS,
    });
    this.#victims = metrics.histogram({
      name: 'scheduler_preemption_victims',
      help: 'How many workloads had to go for one.',
      buckets: [1, 2, 4, 8, 16, 32, 64],
    });
    this.#preemptions = metrics.counter({
      name: 'scheduler_preemption_attempts_total',
      help: 'How often room was made for a workload.',
    });
    this.#permitSeconds = metrics.histogram({
      name: 'scheduler_permit_wait_duration_seconds',
      help: 'How long a workload waited for permission to be bound.',
      labelNames: ['result'],
      buckets: SECONDS,
    });
    this.#rejections = metrics.counter({
      name: 'scheduler_unschedulable_attempts_total',
      help: 'Attempts that came to nothing, by the plugins that rejected some host.',
      labelNames: ['plugin', 'profile'],
    });
    this.#pending = metrics.gauge({
      name: 'scheduler_pending_pods',
      help: 'Workloads that wait, by where.',
      labelNames: ['queue'],
    });
    for (const queue of QUEUES) {
      const end = this.#pending.observe?.(() => counts()[queue], { queue });
      if (end !== undefined) this.#ends.push(end);
    }
  }

  /** Something has come to rest: tells how many wait, where that is not asked for. */
  settled(): void {
    if (this.#ends.length > 0) return;
    const counts = this.#counts();
    for (const queue of QUEUES) this.#pending.set(counts[queue], { queue });
  }

  /** Nothing waits any more. */
  close(): void {
    for (const end of this.#ends) end();
    this.#ends.length = 0;
  }

  decided(seconds: number): void {
    this.#algorithmSeconds.observe(seconds);
  }

  attempted(result: 'scheduled' | 'unschedulable' | 'error', profile: string, start: number): void {
    this.#attempts.add(1, { result, profile });
    this.#attemptSeconds.observe((this.#clock.monotonic() - start) / 1_000, { result, profile });
  }

  rejected(plugins: Iterable<string>, profile: string): void {
    for (const plugin of plugins) this.#rejections.add(1, { plugin, profile });
  }

  placed(attempts: number, since: number): void {
    this.#podAttempts.observe(attempts);
    const seconds = Math.max(0, this.#clock.now() - since) / 1_000;
    this.#podSeconds.observe(seconds, { attempts: attempts > 15 ? '16+' : String(attempts) });
  }

  preempted(victims: number): void {
    this.#preemptions.add(1);
    this.#victims.observe(victims);
  }

  permitted(result: 'allowed' | 'rejected', seconds: number): void {
    this.#permitSeconds.observe(seconds, { result });
  }
}
