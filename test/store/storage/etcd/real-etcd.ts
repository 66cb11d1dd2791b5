import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a real etcd is started. */
interface RealEtcdOptions {
  /** More arguments for its command line. */
  readonly args?: readonly string[];
  /** TLS between it and its clients: the files of a certificate and its key, and of the authority of its clients. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}

/** The ports of one member. */
interface Ports {
  readonly client: number;
  readonly peer: number;
  readonly metrics: number;
}

/**
 * True where tests on a real etcd can run.
 *
 * Without one they are left out, with a message; where `CI` is set that is an error.
 */
export function hasEtcd(): boolean {
  const { error, status } = spawnSync('etcd', ['--version']);
  if (error === undefined && status === 0) return true;
  const message = `etcd cannot be run (${error?.message ?? `it ended with ${status}`})`;
  if (process.env['CI']) throw new Error(`${message}: the tests of the etcd storage need it`);
  process.stderr.write(`${message}: the tests of the etcd storage are left out\n`);
  return false;
}

/** One member of etcd, in a process of its own, with a temporary folder and free ports of this machine. */
export class RealEtcd {
  readonly #name: string;
  readonly #ports: Ports;
  readonly #folder: string;
  readonly #options: RealEtcdOptions;
  // what all members are called and where they are, as etcd's command line has it
  readonly #cluster: string;
  // the process, if it runs; #turn counts the data folders
  #child: ChildProcess | undefined;
  #turn = 0;
  #log = '';

  private constructor(name: string, folder: string, ports: Ports, cluster: string, options: RealEtcdOptions) {
    this.#name = name;
    this.#folder = folder;
    this.#ports = ports;
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Starts one that is empty. */
  static async start(options: RealEtcdOptions = {}): Promise<RealEtcd> {
    const [etcd] = await RealEtcd.startCluster(1, options);
    return etcd as RealEtcd;
  }

  /** Starts several that are one, and empty. */
  static async startCluster(size: number, options: RealEtcdOptions = {}): Promise<readonly RealEtcd[]> {
    const ports = await freePorts(3 * size);
    const portsOf = (index: number): Ports => {
      const [client = 0, peer = 0, metrics = 0] = ports.slice(3 * index);
      return { client, peer, metrics };
    };
    const members = Array.from({ length: size }, (_, index) => ({
      name: `m${index}`,
      ports: portsOf(index),
    }));
    const cluster = members.map((member) => `${member.name}=http://127.0.0.1:${member.ports.peer}`).join(',');
    const started = await Promise.all(
      members.map(async (member) => {
        const folder = await mkdtemp(join(tmpdir(), 'keelson-etcd-'));
        return new RealEtcd(member.name, folder, member.ports, cluster, options);
      }),
    );
    try {
      await Promise.all(started.map((etcd) => etcd.resume()));
    } catch (error) {
      await Promise.all(started.map((etcd) => etcd.remove()));
      throw error;
    }
    return started;
  }

  /** Where clients find it. */
  get port(): number {
    return this.#ports.client;
  }

  get endpoint(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  get #data(): string {
    return join(this.#folder, `data-${this.#turn}`);
  }

  /** Starts it on the data and the ports that it had, and waits until it serves. */
  async resume(): Promise<void> {
    // a port that was free may be taken for a moment by a connection of somebody else
    for (let tries = 1; ; tries += 1) {
      if (this.#child !== undefined) throw new Error('Expected etcd not to run');
      this.#log = '';
      const child = this.#spawn();
      this.#child = child;
      if (await this.#healthy(child)) return;
      this.#child = undefined;
      if (tries === 5 || !this.#log.includes('address already in use')) {
        throw new Error(`etcd ended with ${child.exitCode}: ${this.#log}`);
      }
    }
  }

  #spawn(): ChildProcess {
    const { args = [], tls } = this.#options;
    const peer = `http://127.0.0.1:${this.#ports.peer}`;
    const child = spawn(
      'etcd',
      [
        `--name=${this.#name}`,
        '--log-level=error',
        `--data-dir=${this.#data}`,
        `--listen-client-urls=${this.endpoint}`,
        `--advertise-client-urls=${this.endpoint}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=${this.#cluster}`,
        `--initial-cluster-token=token-${this.#turn}`,
        // with TLS its health can be asked for only here
        `--listen-metrics-urls=http://127.0.0.1:${this.#ports.metrics}`,
        ...(tls === undefined ? [] : [`--cert-file=${tls.cert}`, `--key-file=${tls.key}`]),
        ...(tls?.clientCa === undefined ? [] : ['--client-cert-auth', `--trusted-ca-file=${tls.clientCa}`]),
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } },
    );
    const keep = (text: Buffer): void => {
      this.#log = (this.#log + text.toString()).slice(-10_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    return child;
  }

  /** Ends it and waits until it has. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }

  /** Lets it stand still until it is told to go on. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  unpause(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Puts an empty one in its place, on the same ports; with another cluster id, or the same. */
  async replaceByEmpty({ sameCluster = false }: { readonly sameCluster?: boolean } = {}): Promise<void> {
    await this.stop('SIGKILL');
    if (sameCluster) await rm(this.#data, { recursive: true });
    else this.#turn += 1;
    await this.resume();
  }

  /** Ends it, keeps a copy of its data, and starts it again. */
  async copy(): Promise<void> {
    await this.stop();
    await cp(this.#data, join(this.#folder, 'copy'), { recursive: true });
    await this.resume();
  }

  /** Puts the copy in the place of its data. */
  async restoreCopy(): Promise<void> {
    await this.stop();
    await rm(this.#data, { recursive: true });
    await cp(join(this.#folder, 'copy'), this.#data, { recursive: true });
    await this.resume();
  }

  /** Ends it and deletes its data. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Resolves when it serves: with true, or with false where it ended before. */
  async #healthy(child: ChildProcess): Promise<boolean> {
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) return false;
      const answer = await fetch(`http://127.0.0.1:${this.#ports.metrics}/health`).catch(() => undefined);
      if ((await answer?.text())?.includes('"true"')) return true;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** Ports of this machine that nobody listened on a moment ago, no two the same. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  return Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          const address = server.address();
          server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
        }),
    ),
  );
}
