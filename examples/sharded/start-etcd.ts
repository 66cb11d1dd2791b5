import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, systemClock } from 'keelson';

/** An etcd in a process of its own. */
export interface RunningEtcd {
  /** Where clients find it. */
  readonly endpoint: string;
  /** Ends it and deletes its data. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts an empty etcd of one member, on free ports of this machine and in a temporary folder; resolves when it serves.
 *
 * @throws Error where there is none on the PATH, or where it ends.
 */
export async function startEtcd(): Promise<RunningEtcd> {
  const [endpoint, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const folder = await mkdtemp(join(tmpdir(), 'keelson-sharded-'));
  const child = spawn(
    'etcd',
    [
      '--log-level=error',
      `--data-dir=${folder}`,
      `--listen-client-urls=${endpoint}`,
      `--advertise-client-urls=${endpoint}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
    ],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    if (isRunning(child)) {
      child.kill();
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await once(child, 'spawn');
    while (!(await isHealthy(endpoint))) {
      if (!isRunning(child)) throw new Error(`etcd ended with ${child.exitCode ?? child.signalCode}`);
      await sleep(systemClock, 20);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, stop };
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

async function isHealthy(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/health`)).ok;
  } catch {
    return false; // it does not listen yet
  }
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
