import { stableHash } from './stable-hash.js';

/** How much a member wants a shard. */
interface Wish {
  readonly member: string;
  readonly shard: number;
  readonly weight: number;
}

/**
 * Which shards each member should have: everybody who knows the same members comes to the same result.
 *
 * Every member has as many as every other, or one more. When one comes or goes, most shards stay where they are: about a fifth more move
 * than would have to. Members are told apart by their texts, in any order.
 *
 * Source: rendezvous hashing (Thaler, Ravishankar) with a bound for each member; the heaviest wishes are granted first.
 */
export function assignShards(
  members: Iterable<string>,
  shards: number,
): ReadonlyMap<string, readonly number[]> {
  const assigned = new Map<string, number[]>([...members].map((member) => [member, []]));
  const least = Math.floor(shards / assigned.size);
  // how many members may have one more than the others
  let more = shards % assigned.size;
  const taken = new Set<number>();
  for (const { member, shard } of wishes([...assigned.keys()], shards)) {
    const own = assigned.get(member) as number[];
    const fits = own.length < least || (own.length === least && more > 0);
    if (!fits || taken.has(shard)) continue;
    if (own.length === least) more -= 1;
    own.push(shard);
    taken.add(shard);
  }
  for (const own of assigned.values()) own.sort((a, b) => a - b);
  return assigned;
}

/** Every wish of every member, the heaviest first; equal weights in the order of members and shards. */
function wishes(members: readonly string[], shards: number): readonly Wish[] {
  const all: Wish[] = [];
  for (const member of members) {
    for (let shard = 0; shard < shards; shard += 1) {
      all.push({ member, shard, weight: stableHash(`${shard}/${member}`) });
    }
  }
  return all.sort(
    (a, b) => b.weight - a.weight || (a.member < b.member ? -1 : a.member > b.member ? 1 : a.shard - b.shard),
  );
}
