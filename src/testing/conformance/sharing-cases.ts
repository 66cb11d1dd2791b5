import { checkSame } from './conformance-case.js';
import type { StorageFollower } from './storage-follower.js';
import { checkUnavailable, count, put } from './storage-request.js';
import type { StorageWorld } from './storage-world.js';

export async function isExclusive(world: StorageWorld): Promise<void> {
  const follower = await world.open();
  checkUnavailable(await world.openRefused(), 'to open it twice');
  await follower.reached(await follower.write(put('pods/a', 'still open')));
  await follower.close();
  const after = await world.open();
  checkSame(after.objects(), { 'pods/a': 'still open' }, 'the objects');
}

export async function tellsEverybody(world: StorageWorld): Promise<void> {
  const followers = [await world.open(), await world.open(), await world.open()];
  const revisions = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      (followers[index % 3] as StorageFollower).write(
        put(`pods/${index % 7}`, `${index}`),
        put(`nodes/${index}`, 'x'),
      ),
    ),
  );
  const last = Math.max(...revisions);
  for (const follower of followers) await follower.reached(last);
  for (const follower of followers)
    checkSame(follower.objects(), followers[0]?.objects(), `the objects of ${follower.name}`);
}

export async function decidesAmongAll(world: StorageWorld): Promise<void> {
  const followers = [await world.open(), await world.open(), await world.open()];
  await count(followers, 8);
  const [first] = followers as [StorageFollower];
  await first.reached(Math.max(...followers.map(({ revision }) => revision)));
  checkSame(first.objects(), { 'pods/counter': '24' }, 'the counter');
}

export async function opensLater(world: StorageWorld): Promise<void> {
  const first = await world.open();
  const writes = Array.from({ length: 50 }, (_, index) => first.write(put(`pods/${index}`, 'x')));
  const second = await world.open();
  const revisions = await Promise.all(writes);
  const last = Math.max(...revisions);
  for (const follower of [first, second]) await follower.reached(last);
  checkSame(second.objects(), first.objects(), 'the objects of the session that came later');
}

export async function closesOne(world: StorageWorld): Promise<void> {
  const [first, second] = [await world.open(), await world.open()];
  await first.close();
  const revision = await second.write(put('pods/a', 'x'));
  await second.reached(revision);
  const third = await world.open();
  checkSame(third.objects(), { 'pods/a': 'x' }, 'the objects');
}

export async function replacesForAll(world: StorageWorld): Promise<void> {
  const [first, second] = [await world.open(), await world.open()];
  const old = await first.write(put('pods/a', 'old'));
  await second.reached(old);
  await first.session.replace([put('pods/b', 'new')], 1);
  await second.hasLost();
  await second.load();
  checkSame(second.objects(), { 'pods/b': 'new' }, 'the objects after a replacement');
  await first.load();
  const next = await second.write(put('pods/c', 'new'));
  await first.reached(next);
  checkSame(first.objects(), { 'pods/b': 'new', 'pods/c': 'new' }, 'the objects');
}
