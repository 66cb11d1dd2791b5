import { VirtualClock } from 'keelson';
import { describe, expect, it } from 'vitest';
import { Cloud, operator } from '../../examples/operator.js';

describe('the operator', () => {
  it('rents, changes, mends and gives back a database, however often the cloud fails, and says so in Events', async () => {
    const lines: string[] = [];
    await operator((line) => lines.push(line));
    expect(lines).toEqual([
      '    0.000 s  you       want the database orders for shop and reports',
      '    0.000 s  operator  ordered 10 GB',
      '    5.000 s  you       see that Ready is False: it is being made',
      '   30.000 s  operator  the reconcile failed and will be tried again: the cloud is busy',
      '   30.005 s  operator  wrote orders-for-shop',
      '   30.005 s  operator  wrote orders-for-reports',
      '   65.000 s  you       see that Ready is True: Rented, Published: all are True',
      '   65.000 s  you       want 20 GB, and shop alone to use it',
      '   65.000 s  operator  ordered 20 GB',
      '   65.000 s  operator  removed orders-for-reports',
      '  125.000 s  you       see that Ready is True: Rented, Published: all are True',
      '  125.000 s  somebody  makes it smaller in the cloud',
      '  665.000 s  operator  ordered 20 GB',
      ' 1025.000 s  you       see that it has 20 GB',
      ' 1025.000 s  you       delete it',
      ' 1025.000 s  operator  the reconcile failed and will be tried again: the cloud is busy',
      ' 1025.005 s  operator  gave the database back',
      ' 1085.000 s  you       see 0 objects, and 0 databases in the cloud',
      '',
      'Normal Ordered: 10 GB (1 times)',
      'Warning CloudFailed: the cloud is busy (1 times)',
      'Normal Ordered: 20 GB (1 times)',
      'Normal Ordered: 20 GB (1 times)',
    ]);
  });

  it('plays a cloud that takes a request twice, and fails every fourth', async () => {
    const clock = new VirtualClock();
    const cloud = new Cloud(clock);
    expect(await cloud.rent('a', 10)).toMatchObject({ changed: true, isReady: false });
    await clock.advance(25_000);
    expect(await cloud.rent('a', 10)).toMatchObject({ changed: false, isReady: true });
    await cloud.giveBack('a');
    await expect(cloud.giveBack('a')).rejects.toThrow('the cloud is busy');
    await cloud.giveBack('a');
    expect(cloud.sizes).toEqual([]);
  });
});
