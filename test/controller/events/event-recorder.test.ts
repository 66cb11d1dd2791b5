import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventDetails, EventRecorder, type EventSubject, intercept } from '../../../src/index.js';
import { lamp, makeWorld, type World } from './world.js';

let world: World;
let recorder: EventRecorder;
beforeEach(() => {
  world = makeWorld();
  recorder = world.sink.recorder('lamps');
});
afterEach(async () => {
  await world.sink.stop();
  await world.store.close();
});

const details: EventDetails = { type: 'Normal', reason: 'Lit', action: 'Light', note: 'it shines' };

describe('an event', () => {
  it('says what happened to which object, who says so, and when', async () => {
    await world.clock.advance(1_234);
    recorder.event(lamp(), { ...details, related: lamp('b') });
    await world.sink.idle();
    const [event] = await world.events();
    expect(event).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: 'default' },
      eventTime: '2026-01-01T00:00:01.234000Z',
      type: 'Normal',
      reason: 'Lit',
      action: 'Light',
      note: 'it shines',
      regarding: {
        apiVersion: 'example.com/v1',
        kind: 'Lamp',
        namespace: 'default',
        name: 'a',
        uid: 'uid-of-a',
        resourceVersion: '7',
      },
      related: { kind: 'Lamp', name: 'b' },
      reportingController: 'lamps',
      reportingInstance: 'host-1',
    });
    expect(event?.series).toBeUndefined();
  });

  it('has a short form for what went well and for what did not', async () => {
    recorder.normal(lamp(), 'Lit', 'it shines');
    recorder.warning(lamp(), 'Broken', 'no power');
    await world.sink.idle();
    const told = (await world.events()).map(({ type, reason, action, note }) => ({
      type,
      reason,
      action,
      note,
    }));
    expect(told).toEqual([
      { type: 'Normal', reason: 'Lit', action: 'Lit', note: 'it shines' },
      { type: 'Warning', reason: 'Broken', action: 'Broken', note: 'no power' },
    ]);
  });

  it('is in the namespace of its object, and in default where the object has none', async () => {
    recorder.normal(lamp('a', 'house'), 'Lit', '');
    recorder.normal({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, 'Ready', '');
    await world.sink.idle();
    const events = await world.events();
    expect(events.map(({ metadata }) => metadata.namespace)).toEqual(['house', 'default']);
    expect(events[1]?.regarding).toEqual({ apiVersion: 'v1', kind: 'Node', name: 'n' });
  });

  it('is written later, with the controller as field manager', async () => {
    const managers: unknown[] = [];
    const other = makeWorld((client) =>
      intercept(client, {
        create(next, resource, object, options) {
          managers.push(options?.fieldManager);
          return next(resource, object, options);
        },
      }),
    );
    other.sink.recorder('lamps').normal(lamp(), 'Lit', '');
    expect(managers).toEqual([]);
    await other.sink.idle();
    expect(managers).toEqual(['lamps']);
  });
});

describe('the note', () => {
  it.each([
    ['of 1,024 bytes stays', 'x'.repeat(1_024), 'x'.repeat(1_024)],
    ['of 1,025 bytes is cut', 'x'.repeat(1_025), `${'x'.repeat(1_021)}...`],
    [
      'is counted in bytes, and no character is cut in two',
      '\u{1F4A1}'.repeat(300),
      `${'\u{1F4A1}'.repeat(255)}...`,
    ],
    ['of 512 characters of two bytes stays', 'é'.repeat(512), 'é'.repeat(512)],
    ['may be empty', '', ''],
  ])('%s', async (_name, note, told) => {
    recorder.normal(lamp(), 'Lit', note);
    await world.sink.idle();
    expect((await world.events())[0]?.note).toBe(told);
  });
});

describe('what is wrong', () => {
  const wrong = (changes: Record<string, unknown>) => ({ ...details, ...changes }) as unknown as EventDetails;

  it.each([
    ['no type', wrong({ type: undefined }), "event: type: expected 'Normal' or 'Warning', got undefined"],
    ['an unknown type', wrong({ type: 'Error' }), /^event: type: .* got "Error"$/],
    [
      'no reason',
      wrong({ reason: undefined }),
      'event: reason: expected a text of 1 to 128 bytes, got undefined',
    ],
    ['an empty reason', wrong({ reason: '' }), /^event: reason: .* got ""$/],
    ['a long reason', wrong({ reason: 'x'.repeat(129) }), /^event: reason: .*\(129 characters\)$/],
    ['a reason of many bytes', wrong({ reason: 'é'.repeat(65) }), /^event: reason: /],
    ['no action', wrong({ action: '' }), 'event: action: expected a text of 1 to 128 bytes, got ""'],
    ['no note', wrong({ note: undefined }), 'event: note: expected a text, got undefined'],
    ['a note that is an error', wrong({ note: new Error('x') }), 'event: note: expected a text, got a Error'],
    [
      'a related object without a name',
      wrong({ related: { kind: 'Lamp' } }),
      /^event: related: expected an object/,
    ],
    ['no details', undefined as unknown as EventDetails, /^event: expected what happened/],
  ])('%s is a TypeError that names it', (_name, mistaken, message) => {
    expect(() => recorder.event(lamp(), mistaken)).toThrow(TypeError);
    expect(() => recorder.event(lamp(), mistaken)).toThrow(message);
    expect(world.drops).toEqual({});
  });

  it.each([undefined, null, 'a', {}, { metadata: { name: 'a' } }])(
    'an object that is %j is a TypeError',
    (object) => {
      expect(() => recorder.event(object as unknown as EventSubject, details)).toThrow(
        /^event: object: expected/,
      );
    },
  );

  it.each(['', 'a b', 'x'.repeat(64), undefined])('a recorder of the name %j is a TypeError', (name) => {
    expect(() => world.sink.recorder(name as string)).toThrow(
      /^recorder: controller: expected a qualified name/,
    );
  });

  it('a reason of 128 bytes is right, and so is a name with a prefix', () => {
    recorder.normal(lamp(), 'x'.repeat(128), '');
    expect(world.sink.recorder('example.com/lamps').controller).toBe('example.com/lamps');
    expect(recorder).toBeInstanceOf(EventRecorder);
  });
});
