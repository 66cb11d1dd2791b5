import type { CSINode, PersistentVolumeSpec, Volume } from '../../../resources/kinds/index.js';
import { annotationOf } from './annotation.js';

/** The fields that name the volume of each plugin, in a Pod as in a PersistentVolume. */
type Source = Volume | PersistentVolumeSpec;

type Labels = Readonly<Record<string, string>>;

/** A volume plugin that was once part of Kubernetes, and is now done by a CSI driver. */
export interface InTreePlugin {
  readonly name: string;
  readonly driver: string;
  /** By which node label the driver tells zones apart; undefined where it takes Kubernetes' own. */
  readonly zoneKey?: string | undefined;
  /** Whether nodes count its volumes for the driver: all that have a CSINode, those whose CSINode names the plugin, or none. */
  readonly counted: 'always' | 'where named' | 'never';
  /** What the driver calls the volume; undefined where it makes no sense. @param labels - Those of the PersistentVolume. */
  handleOf(source: Source, labels: Labels): string | undefined;
}

const NAMED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';
const ZONE = 'topology.kubernetes.io/zone';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';

/** By the field that names the volume. Source: k8s.io/csi-translation-lib. */
const PLUGINS: ReadonlyMap<keyof Source, InTreePlugin> = /* @__PURE__ */ new Map<keyof Source, InTreePlugin>([
  [
    'awsElasticBlockStore',
    {
      name: 'kubernetes.io/aws-ebs',
      driver: 'ebs.csi.aws.com',
      zoneKey: 'topology.ebs.csi.aws.com/zone',
      counted: 'always',
      handleOf: ({ awsElasticBlockStore }) => awsHandle(awsElasticBlockStore?.volumeID),
    },
  ],
  [
    'gcePersistentDisk',
    {
      name: 'kubernetes.io/gce-pd',
      driver: 'pd.csi.storage.gke.io',
      zoneKey: 'topology.gke.io/zone',
      counted: 'always',
      handleOf: ({ gcePersistentDisk }, labels) => gceHandle(gcePersistentDisk?.pdName, labels),
    },
  ],
  [
    'cinder',
    {
      name: 'kubernetes.io/cinder',
      driver: 'cinder.csi.openstack.org',
      zoneKey: 'topology.cinder.csi.openstack.org/zone',
      counted: 'always',
      handleOf: ({ cinder }) => cinder?.volumeID,
    },
  ],
  [
    'azureDisk',
    {
      name: 'kubernetes.io/azure-disk',
      driver: 'disk.csi.azure.com',
      counted: 'always',
      handleOf: ({ azureDisk }) => azureDisk?.diskURI,
    },
  ],
  [
    'portworxVolume',
    {
      name: 'kubernetes.io/portworx-volume',
      driver: 'pxd.portworx.com',
      counted: 'where named',
      handleOf: ({ portworxVolume }) => portworxVolume?.volumeID,
    },
  ],
  [
    'azureFile',
    {
      name: 'kubernetes.io/azure-file',
      driver: 'file.csi.azure.com',
      counted: 'never',
      handleOf: () => undefined,
    },
  ],
  [
    'vsphereVolume',
    {
      name: 'kubernetes.io/vsphere-volume',
      driver: 'csi.vsphere.vmware.com',
      counted: 'never',
      handleOf: () => undefined,
    },
  ],
]);

/** The plugin of a volume; undefined where it never was one, as with CSI volumes. */
export function inTreePluginOf(source: Source): InTreePlugin | undefined {
  for (const [field, plugin] of PLUGINS) if (source[field] !== undefined) return plugin;
  return undefined;
}

/** The plugin that a StorageClass names as its provisioner. */
export function inTreePluginNamed(name: string): InTreePlugin | undefined {
  for (const plugin of PLUGINS.values()) if (plugin.name === name) return plugin;
  return undefined;
}

/** Whether a node names a plugin as one that its CSI driver has taken over. */
export function isNamedBy(csiNode: CSINode | undefined, plugin: InTreePlugin): boolean {
  if (csiNode === undefined) return false;
  return (annotationOf(csiNode, NAMED_PLUGINS) ?? '').split(',').includes(plugin.name);
}

/** The plugins that a node names, as one text. */
export function namedPlugins(csiNode: CSINode): string {
  return annotationOf(csiNode, NAMED_PLUGINS) ?? '';
}

/** `aws://zone/vol-id` and `aws:///vol-id` are `vol-id`. */
function awsHandle(id: string | undefined): string | undefined {
  if (id === undefined || !id.startsWith('aws://')) return id;
  const name = id.slice(id.indexOf('/', 'aws://'.length) + 1);
  return /^vol-[^/]*$/.test(name) ? name : undefined;
}

/** A disk in one zone, in the region of several, or where nobody said. */
function gceHandle(disk: string | undefined, labels: Labels): string | undefined {
  if (disk === undefined) return undefined;
  const [first = '', ...others] = (labels[ZONE] || labels[BETA_ZONE] || '').split('__');
  if (others.length === 0) return `projects/UNSPECIFIED/zones/${first || 'UNSPECIFIED'}/disks/${disk}`;
  const regions = new Set([first, ...others].map((zone) => zone.slice(0, zone.lastIndexOf('-'))));
  const [region] = regions;
  return regions.size === 1 ? `projects/UNSPECIFIED/regions/${region}/disks/${disk}` : undefined;
}
