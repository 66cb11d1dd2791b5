/**
 * A sidecar injector: an admission plugin that gives every Pod with a label a second container, before it is stored.
 *
 * Run it with `npx tsx examples/sidecar.ts`.
 */
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type AdmissionPlugin, ApiError, ObjectStore } from 'keelson';
import { Pod } from 'keelson/kinds';

const LABEL = 'example.com/log-shipper';
const SIDECAR = { name: 'log-shipper', image: 'shipper:1.4' };

/** Adds the container to Pods that ask for it with a label, and keeps it there. */
export const logShipper: AdmissionPlugin = {
  name: 'LogShipper',

  // the plugin is asked about nothing else
  handles: ({ resource, subresource, object }) =>
    resource.kind === 'Pod' && subresource === undefined && object?.metadata.labels?.[LABEL] === 'enabled',

  // called for each write, and once more where a later plugin changed the Pod: what is there already is left alone
  mutate: ({ object }) => {
    const { spec } = object as unknown as Pod;
    if (spec.containers.some(({ name }) => name === SIDECAR.name)) return undefined;
    return { ...object, spec: { ...spec, containers: [...spec.containers, SIDECAR] } };
  },

  // after all plugins had their say: another image could be anything
  validate: ({ resource, key, object }) => {
    const { spec } = object as unknown as Pod;
    const shipper = spec.containers.find(({ name }) => name === SIDECAR.name);
    if (shipper?.image !== SIDECAR.image) {
      throw ApiError.forbidden(resource, key.name, `the log shipper has to run ${SIDECAR.image}`);
    }
  },
};

/** Creates Pods with and without the label, and prints which containers they have. */
export async function sidecar(print: (line: string) => void): Promise<void> {
  const store = new ObjectStore({ resources: [Pod], admission: [logShipper] });
  const client = store.client();
  const show = ({ metadata, spec }: Pod): void =>
    print(`${metadata.name} runs ${spec.containers.map(({ image }) => image).join(' and ')}`);
  const metadata = { namespace: 'default', labels: { [LABEL]: 'enabled' } };
  const containers = [{ name: 'web', image: 'web:1.0' }];

  show(await client.create(Pod, { metadata: { name: 'plain', namespace: 'default' }, spec: { containers } }));
  const shipped = await client.create(Pod, {
    metadata: { ...metadata, name: 'shipped' },
    spec: { containers },
  });
  show(shipped);

  // whoever writes the Pod without the sidecar gets it back
  show(await client.update(Pod, { ...shipped, spec: { containers: [{ name: 'web', image: 'web:1.1' }] } }));

  const forged = { containers: [...containers, { name: SIDECAR.name, image: 'spy:6.6' }] };
  await client
    .create(Pod, { metadata: { ...metadata, name: 'forged' }, spec: forged })
    .catch((error: unknown) => {
      print((error as Error).message);
    });
  await store.close();
}

if (argv[1] === fileURLToPath(import.meta.url)) await sidecar((line) => console.log(line));
