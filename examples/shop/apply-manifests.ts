import {
  type AnyResource,
  ApiError,
  type Client,
  isNotFound,
  keyOf,
  type ObjectKey,
  preview,
  type Scheme,
  type StatusCause,
} from 'keelson';
import { type Document, parseAllDocuments } from 'yaml';

/** A file of YAML documents, one object each. */
export interface ManifestFile {
  readonly name: string;
  readonly text: string;
}

/** What became of one object. */
export interface Applied {
  readonly resource: AnyResource;
  readonly key: ObjectKey;
  readonly outcome: 'created' | 'configured' | 'unchanged';
}

/** One document: an object of a known kind with a name, and where it was found. */
interface Manifest {
  readonly where: string;
  readonly resource: AnyResource;
  readonly key: ObjectKey;
  readonly object: ManifestObject;
}

interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/**
 * Stores what the files describe: creates what is missing and merge-patches what is there. Namespaces go first.
 *
 * `onApplied` is told of each object as it is stored. All of it is read and tried in a dry run before anything is stored, so that a mistake in one document stores nothing at all.
 *
 * @throws ApiError that names the file, the document (the first is 1) and the field.
 */
export async function applyManifests(
  client: Client,
  scheme: Scheme,
  files: readonly ManifestFile[],
  onApplied: (applied: Applied) => void = () => undefined,
): Promise<readonly Applied[]> {
  const manifests = namespacesFirst(files.flatMap((file) => parseFile(file, scheme)));
  refuseTwins(manifests);
  for (const manifest of manifests) await located(manifest.where, () => tryOut(client, manifest, manifests));
  const applied: Applied[] = [];
  for (const manifest of manifests) {
    const one = await located(manifest.where, () => store(client, manifest));
    onApplied(one);
    applied.push(one);
  }
  return applied;
}

async function store(client: Client, { resource, key, object }: Manifest, dryRun = false): Promise<Applied> {
  try {
    const before = await client.get(resource, key);
    const after = await client.patch(resource, key, { type: 'merge', patch: object }, { dryRun });
    const same = before.metadata.resourceVersion === after.metadata.resourceVersion;
    return { resource, key, outcome: same ? 'unchanged' : 'configured' };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.create(resource, object, { dryRun });
    return { resource, key, outcome: 'created' };
  }
}

/** A dry run; it may miss a namespace that the same manifests are about to make. */
async function tryOut(client: Client, manifest: Manifest, all: readonly Manifest[]): Promise<void> {
  try {
    await store(client, manifest, true);
  } catch (error) {
    const { namespace } = manifest.key;
    const coming = all.some(
      ({ object }) => object.kind === 'Namespace' && object.metadata.name === namespace,
    );
    if (!(coming && isNotFound(error) && error.details.kind === 'namespaces')) throw error;
  }
}

function parseFile(file: ManifestFile, scheme: Scheme): readonly Manifest[] {
  const documents = parseAllDocuments(file.text);
  if ('empty' in documents) return [];
  return documents.flatMap((document, index) => {
    const where = `${file.name}: document ${index + 1}`;
    const object = readDocument(document, where);
    return object === null ? [] : [identify(object, where, scheme)];
  });
}

/** The plain value of a document. @throws ApiError BadRequest where it is not YAML. */
function readDocument(document: Document, where: string): unknown {
  const [problem] = document.errors;
  if (problem !== undefined) throw refused(where, '', firstLine(problem.message), problem);
  try {
    return document.toJS() as unknown;
  } catch (error) {
    throw refused(where, '', error instanceof Error ? firstLine(error.message) : String(error), error);
  }
}

/** What the parser says, without its picture of the place. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}

/** Checks that a value names a known kind and an object. @throws ApiError naming the field. */
function identify(value: unknown, where: string, scheme: Scheme): Manifest {
  if (!isMap(value)) throw refused(where, '', `expected an object, got ${preview(value)}`);
  const { metadata } = value;
  if (!isMap(metadata)) throw refused(where, 'metadata', `expected an object, got ${preview(metadata)}`);
  const apiVersion = text(value['apiVersion'], where, 'apiVersion');
  const kind = text(value['kind'], where, 'kind');
  const name = text(metadata['name'], where, 'metadata.name');
  const namespace =
    metadata['namespace'] === undefined
      ? undefined
      : text(metadata['namespace'], where, 'metadata.namespace');
  const resource = scheme.find({ apiVersion, kind });
  if (resource === undefined) {
    throw refused(
      where,
      'kind',
      `expected a kind that is known, got ${preview(kind)} in ${preview(apiVersion)}`,
    );
  }
  const object = value as unknown as ManifestObject;
  const described = `${where} (${kind} ${namespace === undefined ? '' : `${namespace}/`}${name})`;
  return { where: described, resource, key: keyOf(object), object };
}

function text(value: unknown, where: string, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw refused(where, field, `expected a text, got ${value === undefined ? 'nothing' : preview(value)}`);
}

function namespacesFirst(manifests: readonly Manifest[]): readonly Manifest[] {
  const isNamespace = ({ object }: Manifest): boolean => object.kind === 'Namespace';
  return [...manifests.filter(isNamespace), ...manifests.filter((manifest) => !isNamespace(manifest))];
}

/** Two documents about one object: which of them is meant? */
function refuseTwins(manifests: readonly Manifest[]): void {
  const seen = new Map<string, string>();
  for (const { where, resource, key } of manifests) {
    const identity = JSON.stringify([resource.group, resource.kind, key.namespace, key.name]);
    const first = seen.get(identity);
    if (first !== undefined)
      throw refused(where, 'metadata.name', `expected one document an object, but ${first} has it too`);
    seen.set(identity, where);
  }
}

/** Runs `work` and says of its errors in which document they are. */
async function located<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { reason, code, details, ambiguous } = error;
    throw new ApiError({
      reason,
      code,
      details,
      ambiguous,
      message: `${where}: ${error.message}`,
      cause: error,
    });
  }
}

function refused(where: string, field: string, message: string, cause?: unknown): ApiError {
  const finding: StatusCause = { reason: 'FieldValueInvalid', message, ...(field === '' ? {} : { field }) };
  return new ApiError({
    reason: 'BadRequest',
    message: `${where}: ${field === '' ? '' : `${field}: `}${message}`,
    details: { causes: [finding] },
    cause,
  });
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
