/**
 * An operator in one page: a Website is run by a Deployment and reached through a Service.
 *
 * Run it with `npx tsx examples/quickstart.ts`.
 */
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import {
  type Client,
  controller,
  defineResource,
  edit,
  findCondition,
  formatKey,
  keyOf,
  Manager,
  type ObjectOf,
  ObjectStore,
  setCondition,
  setControllerReference,
} from 'keelson';
import { Deployment, Service } from 'keelson/kinds';
import * as z from 'zod';

/** A new kind of object: its types, defaults and validation come from the schemas. */
export const Website = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Website',
  spec: z.object({
    image: z.string().min(1),
    replicas: z.number().int().min(0).default(1),
  }),
  status: z.object({
    readyReplicas: z.number().int().default(0),
    conditions: z
      .array(
        z.object({
          type: z.string(),
          status: z.enum(['True', 'False', 'Unknown']),
          lastTransitionTime: z.string(),
          reason: z.string(),
          message: z.string(),
        }),
      )
      .default([]),
  }),
});
export type Website = ObjectOf<typeof Website>;

/** Makes the Deployment and the Service of a Website what they should be, and reports how far they are. */
export const websites = controller('website')
  .for(Website)
  .owns(Deployment)
  .owns(Service)
  .reconcile(async ({ key, object: site, client, clock }) => {
    if (!site) return; // gone; what it owned is collected as garbage

    // apply says what is wanted, whether it is there or not; what others set beside it stays
    const labels = { app: key.name };
    const metadata = { ...key, labels };
    const { image, replicas } = site.spec;
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
    const wanted = { metadata, spec: { replicas, selector: { matchLabels: labels }, template } };
    const deployment = await client.apply(Deployment, setControllerReference(site, wanted), { force: true });
    const service = { metadata, spec: { selector: labels, ports: [{ port: 80 }] } };
    await client.apply(Service, setControllerReference(site, service), { force: true });

    const readyReplicas = deployment.status?.readyReplicas ?? 0;
    const conditions = setCondition(
      site.status?.conditions,
      {
        type: 'Ready',
        status: readyReplicas >= replicas ? 'True' : 'False',
        reason: readyReplicas >= replicas ? 'AllReplicasReady' : 'WaitingForReplicas',
        message: `${readyReplicas} of ${replicas} replicas are ready`,
      },
      clock,
    );
    const patch = { status: { readyReplicas, conditions } };
    await client.patch(Website, key, { type: 'merge', patch }, { subresource: 'status' });
  });

/** Creates, scales and deletes a Website, and prints what comes of it. */
export async function quickstart(print: (line: string) => void): Promise<void> {
  const store = new ObjectStore({ resources: [Website, Deployment, Service] });
  const client = store.client();
  const manager = new Manager({ client, controllers: [websites] });
  await manager.start();

  const blog = await client.create(Website, {
    metadata: { name: 'blog', namespace: 'default' },
    spec: { image: 'blog:1.0' },
  });
  await manager.idle();
  print(`created: ${await describe(client, blog)}`);

  await runPods(client, blog);
  await manager.idle();
  print(`running: ${await describe(client, blog)}`);

  const found = await client.get(Website, keyOf(blog));
  await client.update(
    Website,
    edit(found, (draft) => {
      draft.spec.replicas = 3;
      draft.spec.image = 'blog:1.1';
    }),
  );
  await manager.idle();
  print(`updated: ${await describe(client, blog)}`);

  await runPods(client, blog);
  await manager.idle();
  print(`running: ${await describe(client, blog)}`);

  await client.delete(Website, keyOf(blog));
  await manager.idle();
  const left = [...(await client.list(Deployment)).items, ...(await client.list(Service)).items];
  print(`deleted: ${left.length} owned objects are left`);

  await manager.stop();
  await store.close();
}

/** Plays the part of the cluster: every replica that a Deployment asks for is ready now. */
async function runPods(client: Client, site: Website): Promise<void> {
  const { spec } = await client.get(Deployment, keyOf(site));
  const patch = { status: { replicas: spec.replicas, readyReplicas: spec.replicas } };
  await client.patch(Deployment, keyOf(site), { type: 'merge', patch }, { subresource: 'status' });
}

async function describe(client: Client, site: Website): Promise<string> {
  const { status } = await client.get(Website, keyOf(site));
  const { spec } = await client.get(Deployment, keyOf(site));
  const ready = findCondition(status?.conditions, 'Ready');
  const image = spec.template.spec?.containers[0]?.image;
  return `${formatKey(keyOf(site))} is to run ${spec.replicas} x ${image}; Ready is ${ready?.status}: ${ready?.message}`;
}

if (argv[1] === fileURLToPath(import.meta.url)) await quickstart((line) => console.log(line));
