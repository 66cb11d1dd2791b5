import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EtcdClient } from '../../../../src/store/storage/etcd/etcd-client.js';
import { etcdStorage } from '../../../../src/store/storage/etcd/index.js';
import { ProtobufWriter } from '../../../../src/store/storage/etcd/protobuf-writer.js';
import { eventually, failureOf, loaded, open, put, rawClient, rawPut } from './kit.js';
import { hasEtcd, RealEtcd } from './real-etcd.js';

describe('the etcd storage', () => {
  it('says what is wrong with its options', () => {
    const endpoints = ['http://127.0.0.1:2379'];
    expect(etcdStorage({ endpoints }).name).toBe('etcd');
    expect(() => etcdStorage({ endpoints: [] })).toThrow(
      new TypeError('endpoints: expected at least one, got none'),
    );
    expect(() => etcdStorage({ endpoints: ['etcd://a'] })).toThrow(
      new TypeError('endpoints: expected one as "http://10.0.0.1:2379", got "etcd://a"'),
    );
    expect(() => etcdStorage({ endpoints, tls: {} })).toThrow(
      new TypeError('endpoints: expected https where tls is given, got "http://127.0.0.1:2379"'),
    );
    for (const prefix of [
      '',
      '/',
      'keelson',
      '/keelson/',
      '/kee lson',
      '/kéelson',
      '//a',
      `/${'a'.repeat(256)}`,
    ]) {
      expect(() => etcdStorage({ endpoints, prefix })).toThrow(
        /^prefix: expected up to 256 printable ASCII characters, as in "\/keelson", got /,
      );
    }
    expect(() => etcdStorage({ endpoints, requestTimeout: 0 })).toThrow(
      new RangeError('requestTimeout: expected a whole number of at least 1, got 0'),
    );
    expect(() => etcdStorage({ endpoints, compactionInterval: -1 })).toThrow(RangeError);
    expect(() => etcdStorage({ endpoints, maxOperations: 2.5 })).toThrow(RangeError);
  });

  it('cannot be opened where nobody is there', async () => {
    // port 9, which browsers and others leave alone, and nobody listens on
    const error = await failureOf(open({ endpoints: ['http://127.0.0.1:9'], requestTimeout: 2_000 }));
    expect(error).toMatchObject({ reason: 'ServiceUnavailable', ambiguous: false });
    expect(error.message).toMatch(
      /^etcd at http:\/\/127\.0\.0\.1:9 cannot be opened: No connection established/,
    );
  });

  it('cannot be opened without its package', async () => {
    vi.doMock('@grpc/grpc-js', () => {
      throw new Error('Cannot find package');
    });
    try {
      const error = await failureOf(open({ endpoints: ['http://127.0.0.1:2379'] }));
      expect(error.reason).toBe('ServiceUnavailable');
      expect(error.message).toBe(
        'etcd cannot be opened: the package @grpc/grpc-js could not be loaded; is it installed?',
      );
    } finally {
      vi.doUnmock('@grpc/grpc-js');
    }
  });
});

describe.skipIf(!hasEtcd())('the storage of a real etcd', { timeout: 30_000 }, () => {
  // undone after each test, last first
  const undo: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const one of undo.splice(0).reverse()) await one();
  });

  const startEtcd = async (options?: Parameters<typeof RealEtcd.start>[0]): Promise<RealEtcd> => {
    const etcd = await RealEtcd.start(options);
    undo.push(() => etcd.remove());
    return etcd;
  };

  it('is begun once by those who open it at the same time', async () => {
    const etcd = await startEtcd();
    const opened = await Promise.all(Array.from({ length: 8 }, () => open({ endpoints: [etcd.endpoint] })));
    const revisions = await Promise.all(opened.map(async ({ session }) => (await loaded(session)).revision));
    // etcd's second revision, of which nothing more can come
    expect(new Set(revisions)).toEqual(new Set([2 * 64 + 63]));
    await Promise.all(opened.map(({ session }) => session.close()));
  });

  it('is not opened where another version of the library wrote it, or something else', async () => {
    const etcd = await startEtcd();
    const raw = rawClient(etcd);
    undo.push(async () => raw.close());
    const says = async (meta: string): Promise<string> => {
      await rawPut(raw, '/keelson/meta', meta);
      const error = await failureOf(open({ endpoints: [etcd.endpoint] }));
      expect(error.reason).toBe('ServiceUnavailable');
      return error.message;
    };
    expect(await says('{"format":3,"shape":"new"}')).toBe(
      '/keelson/meta: expected format 2, got 3: another version of the library wrote it',
    );
    expect(await says('hello')).toBe('/keelson/meta: expected JSON, got "hello"');
    expect(await says('null')).toBe('/keelson/meta: expected the format of a storage, got "null"');
    expect(await says('{"format":2,"incarnation":"a","generation":"../x","offset":0}')).toContain(
      'expected incarnation, generation and offset',
    );
  });

  it('needs the right user, and goes on with a new token where etcd has forgotten the old one', async () => {
    const etcd = await startEtcd();
    const raw = rawClient(etcd);
    undo.push(async () => raw.close());
    await enableUsers(raw);
    const at = { endpoints: [etcd.endpoint], requestTimeout: 10_000 };
    expect((await failureOf(open(at))).message).toBe(
      `etcd at ${etcd.endpoint} cannot be opened: etcdserver: user name is empty`,
    );
    const wrong = { username: 'app', password: 'wrong' };
    expect((await failureOf(open({ ...at, credentials: wrong }))).message).toBe(
      `etcd at ${etcd.endpoint} cannot be opened: etcdserver: authentication failed, invalid user ID or password`,
    );
    const credentials = { username: 'app', password: 'secret' };
    expect((await failureOf(open({ ...at, credentials, prefix: '/other' }))).message).toBe(
      `etcd at ${etcd.endpoint} cannot be opened: etcdserver: permission denied`,
    );
    const { session, recorder } = await open({ ...at, credentials });
    undo.push(() => session.close());
    await loaded(session);
    await recorder.reached(await put(session, 'a', '1'));
    await etcd.stop();
    await etcd.resume();
    const last = await eventually(
      () => put(session, 'a', '2').catch(() => 0),
      (revision) => revision > 0,
    );
    await recorder.reached(last);
    expect(recorder.lostCount).toBe(0);
    expect((await loaded(session)).entries.get('pods/a')?.value).toBe('2');
  });

  it('is reached over TLS, by those whom etcd knows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keelson-tls-'));
    undo.push(async () => rmSync(folder, { recursive: true }));
    makeCertificates(folder);
    const file = (name: string): string => join(folder, name);
    const etcd = await startEtcd({
      tls: { cert: file('server.pem'), key: file('server.key'), clientCa: file('ca.pem') },
    });
    const text = (name: string): string => readFileSync(file(name), 'utf8');
    const tls = { ca: text('ca.pem'), cert: text('client.pem'), key: readFileSync(file('client.key')) };
    const { session, recorder } = await open({ endpoints: [etcd.endpoint], tls });
    undo.push(() => session.close());
    await loaded(session);
    await recorder.reached(await put(session, 'a', '1'));

    const short = { endpoints: [etcd.endpoint], requestTimeout: 2_000 };
    for (const others of [undefined, { ca: tls.ca }]) {
      expect(await failureOf(open({ ...short, tls: others }))).toMatchObject({
        reason: 'ServiceUnavailable',
      });
    }
    const broken = await failureOf(open({ ...short, tls: { ...tls, key: undefined } }));
    expect(broken.message).toMatch(/^etcd cannot be opened: tls: /);
  });

  it('refuses one whose certificate is for another address', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keelson-tls-'));
    undo.push(async () => rmSync(folder, { recursive: true }));
    makeCertificates(folder);
    const file = (name: string): string => join(folder, name);
    const etcd = await startEtcd({
      tls: { cert: file('elsewhere.pem'), key: file('elsewhere.key'), clientCa: file('ca.pem') },
    });
    const text = (name: string): string => readFileSync(file(name), 'utf8');
    const tls = { ca: text('ca.pem'), cert: text('client.pem'), key: text('client.key') };
    const error = await failureOf(open({ endpoints: [etcd.endpoint], tls, requestTimeout: 2_000 }));
    expect(error.message).toContain("IP: 127.0.0.1 is not in the cert's list");
  });

  it('lets a process end that has closed it', async () => {
    const etcd = await startEtcd();
    const source = new URL('../../../../src/', import.meta.url).href;
    const program = `
      const { noopLogger, systemClock, systemRandom } = await import('${source}core/index.ts');
      const { etcdStorage } = await import('${source}store/storage/etcd/index.ts');
      const listener = { changed() {}, lost() {}, failed() {} };
      const context = { clock: systemClock, random: systemRandom, logger: noopLogger, listener };
      const session = await etcdStorage({ endpoints: ['${etcd.endpoint}'] }).open(context);
      await session.load(() => {});
      const write = { collection: 'pods', key: 'a', value: '1' };
      await session.commit({ compares: [], writes: [write] });
      await session.newest();
      await session.close();
      console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    undo.push(async () => {
      child.kill('SIGKILL');
    });
    let printed = '';
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString();
    });
    const code = await new Promise((resolve) => {
      child.once('close', resolve);
    });
    expect({ code, printed }).toEqual({ code: 0, printed: '0\n' });
  });
});

/** Makes a user who may use the storage's prefix alone, and lets etcd ask for users. */
async function enableUsers(raw: EtcdClient): Promise<void> {
  const ask = (path: string, write: (writer: ProtobufWriter) => void): Promise<undefined> => {
    const encode = (): Buffer => {
      const writer = new ProtobufWriter();
      write(writer);
      return writer.finish();
    };
    return raw.call({ path: `/etcdserverpb.Auth/${path}`, encode, decode: () => undefined }, undefined, true);
  };
  for (const [username, role] of [
    ['root', 'root'],
    ['app', 'app'],
  ] as const) {
    await ask('UserAdd', (writer) => {
      writer.text(1, username);
      writer.text(2, 'secret');
    });
    await ask('RoleAdd', (writer) => writer.text(1, role));
    await ask('UserGrantRole', (writer) => {
      writer.text(1, username);
      writer.text(2, role);
    });
  }
  await ask('RoleGrantPermission', (writer) => {
    writer.text(1, 'app');
    writer.message(2, () => {
      writer.integer(1, 2);
      writer.text(2, '/keelson/');
      writer.text(3, '/keelson0');
    });
  });
  await ask('AuthEnable', () => undefined);
}

/** An authority, and servers and a client that it vouches for; one of them has another address. */
function makeCertificates(folder: string): void {
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=ca', '-days', '2');
  for (const name of ['server', 'client', 'elsewhere']) {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, '-days', '2'];
    const vouched = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
    const address = `subjectAltName=IP:${name === 'elsewhere' ? '127.0.0.9' : '127.0.0.1'}`;
    openssl('req', '-x509', ...key, ...files, ...vouched, '-addext', address);
  }
}
