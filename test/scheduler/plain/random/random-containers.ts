import type { Random } from '../../../../src/core/index.js';
import type { Container, ContainerPort, ContainerStatus, PodSpec, ResourceList } from '../types.js';
import { between, chance, maybe, pick, several } from './pick.js';
import { IMAGE_REFERENCES } from './vocabulary.js';

type Containers = Pick<PodSpec, 'containers' | 'initContainers' | 'resources' | 'overhead'>;

/** What runs in a pod and what it asks for; a few pods ask for nothing. */
export function randomContainers(random: Random): Containers {
  const frugal = chance(random, 0.05);
  const containers = several(random, 1, 2, (index) => container(random, `c${index}`, frugal));
  const initContainers = chance(random, 0.15)
    ? several(random, 1, 3, (index) => ({
        ...container(random, `i${index}`, frugal),
        ...maybe(random, 0.5, () => ({ restartPolicy: 'Always' })),
      }))
    : [];
  const all = [...containers, ...initContainers];
  return {
    containers,
    ...(initContainers.length === 0 ? {} : { initContainers }),
    ...maybe(random, 0.06, () => ({ resources: { requests: podLevelRequests(random, all) } })),
    ...maybe(random, 0.08, () => ({
      overhead: { cpu: pick(random, ['10m', '0.25']), memory: pick(random, ['64Mi', '120Mi']) },
    })),
  };
}

/** What the containers have of a pod that is being resized. */
export function randomStatuses(random: Random, containers: readonly Container[]): ContainerStatus[] {
  return containers.map(({ name }) => ({
    name,
    resources: { requests: requests(random) },
    ...maybe(random, 0.7, () => ({ allocatedResources: requests(random) })),
  }));
}

function container(random: Random, name: string, frugal: boolean): Container {
  return {
    name,
    ...maybe(random, 0.6, () => ({ image: pick(random, IMAGE_REFERENCES) })),
    ...maybe(random, 0.06, () => ({ ports: several(random, 1, 2, () => port(random)) })),
    ...maybe(random, 0.015, () => ({
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }],
    })),
    ...(frugal ? {} : { resources: { requests: { ...requests(random), ...scarceRequests(random) } } }),
  };
}

function port(random: Random): ContainerPort {
  return {
    containerPort: 80,
    hostPort: pick(random, [80, 443, 8080, 9090]),
    protocol: pick(random, ['TCP', 'TCP', 'UDP', 'SCTP']),
    ...maybe(random, 0.4, () => ({ hostIP: pick(random, ['0.0.0.0', '127.0.0.1', '10.0.0.1', '::1']) })),
  };
}

function requests(random: Random): ResourceList {
  const cpu = between(random, 1, 40) * 10;
  const mebibytes = between(random, 16, 1024);
  return {
    ...maybe(random, 0.85, () => ({
      cpu: pick(random, [`${cpu}m`, `${cpu / 1000}`, pick(random, ['0', '1'])]),
    })),
    ...maybe(random, 0.85, () => ({
      memory: pick(random, [`${mebibytes}Mi`, `${mebibytes * 1024}Ki`, `${mebibytes * 1_000_003}`]),
    })),
  };
}

function scarceRequests(random: Random): ResourceList {
  return {
    ...maybe(random, 0.06, () => ({ 'ephemeral-storage': pick(random, ['1Gi', '512Mi', '2G']) })),
    ...maybe(random, 0.05, () => ({ 'example.com/gpu': pick(random, ['0', '1', '1', '2']) })),
    ...maybe(random, 0.03, () => ({ 'hugepages-2Mi': pick(random, ['2Mi', '32Mi']) })),
  };
}

/** As an API server has it: of what containers ask for, never less than they could, and never left out. */
function podLevelRequests(random: Random, containers: readonly Container[]): ResourceList {
  const asked = new Set(containers.flatMap(({ resources }) => Object.keys(resources?.requests ?? {})));
  const count = containers.length;
  return {
    ...maybe(random, asked.has('cpu') ? 1 : 0.5, () => ({ cpu: `${count * between(random, 1000, 1500)}m` })),
    ...maybe(random, asked.has('memory') ? 1 : 0.5, () => ({
      memory: `${count * between(random, 1024, 1500)}Mi`,
    })),
  };
}
