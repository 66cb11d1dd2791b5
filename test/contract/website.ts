import { defineResource, type ObjectOf } from 'keelson';
import * as z from 'zod';

export const Website = defineResource({
  group: 'example.com',
  version: 'v1',
  kind: 'Website',
  spec: z.object({ image: z.string(), replicas: z.number().int().min(0).default(1) }),
  status: z.object({ readyReplicas: z.number().int().default(0) }),
});
export type Website = ObjectOf<typeof Website>;
