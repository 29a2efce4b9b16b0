import { dirname } from 'node:path';
import { z } from 'zod';
import { environmentVersion, objectHash } from '../hash.js';
import { resolveInside, shown } from '../source-files.js';
import type { Json } from '../types.js';
import { condaText } from './conda.js';
import { autoDelete } from './auto-delete.js';
import {
  anything,
  choose,
  compact,
  fileObject,
  integer,
  lowerWord,
  object,
  text,
  version,
} from './fields.js';
import type { Assets, Place } from './kind.js';
import { readYaml } from './read.js';
import { assetId, isCurated, parseReference, versionedReference } from './references.js';

const route = object({ port: integer, path: text }, []);

const shape = {
  id: z.string().startsWith('azureml:', 'expected azureml:<environment>').optional(),
  description: text.optional(),
  tags: anything.optional(),
  image: text.optional(),
  conda_file: choose<string | Record<string, unknown>>((value) =>
    typeof value === 'string' ? text : anything,
  ).optional(),
  build: object({ path: text.optional(), dockerfile_path: text.optional() }, []).optional(),
  os_type: lowerWord(['linux', 'windows']).optional(),
  inference_config: object(
    { liveness_route: route, readiness_route: route, scoring_route: route },
    [],
  ).optional(),
  datastore: text.optional(),
  auto_delete_setting: autoDelete.optional(),
};
const readOnly = ['creation_context', 'latest_version', 'intellectual_property'];

/** An environment in a file of its own. */
export const namedEnvironmentSchema = fileObject(
  { ...shape, name: text, version: version.optional() },
  readOnly,
);

/** An environment's own keys, inline or in a file that is named by another. */
export const environmentSchema = fileObject(
  { ...shape, name: z.unknown().optional(), version: z.unknown().optional() },
  readOnly,
);

export type EnvironmentSpec = z.infer<typeof environmentSchema>;
export type NamedEnvironment = z.infer<typeof namedEnvironmentSchema>;

const environmentReference = versionedReference('environment');

/** `environment:` of a job or deployment: a reference, a file, or the environment itself. */
export const environmentField = choose<string | EnvironmentSpec>((value) =>
  typeof value !== 'string' ? environmentSchema : value.startsWith('file:') ? text : environmentReference,
);

/**
 * ARM id of what `environment:` names; an inline one is registered as an anonymous version of its content. `keepsName`:
 * one with a name is registered under it instead, as the official client does for deployments.
 */
export async function environmentId(
  value: string | EnvironmentSpec,
  place: Place,
  assets: Assets,
  options: { readonly keepsName?: boolean } = {},
): Promise<string> {
  if (typeof value === 'string' && !value.startsWith('file:')) {
    const reference = parseReference(value);
    if (reference === undefined) throw new Error(`${value} is no environment`);
    return isCuratedReference(value) ? value : assetId(assets, 'environments', reference);
  }
  const [spec, at] = typeof value === 'string' ? await environmentFile(value, place) : [value, place];
  const named = namedEnvironmentSchema.safeParse(spec);
  if (options.keepsName === true && named.success) return registered(named.data, at, assets);
  const { properties, version: hash } = await environmentBody(spec, at, assets, { anonymous: true });
  return assets.register('environments', ANONYMOUS, hash, properties);
}

async function registered(spec: NamedEnvironment, place: Place, assets: Assets): Promise<string> {
  const { version: made, properties } = await namedBody(spec, place, assets);
  return assets.register('environments', spec.name, made, properties);
}

/** An environment under its own name: the version that it says, else the next one. */
export async function namedBody(
  spec: NamedEnvironment,
  place: Place,
  assets: Assets,
): Promise<{ readonly properties: Json; readonly version: string }> {
  const { name } = spec;
  const made = spec.version ?? (await assets.next('environments', name));
  const options = { anonymous: false, name, version: made };
  return { ...(await environmentBody(spec, place, assets, options)), version: made };
}

const ANONYMOUS = 'CliV2AnonymousEnvironment';

function isCuratedReference(value: string): boolean {
  return isCurated(value.replace(/^azureml:/i, ''));
}

async function environmentFile(value: string, place: Place): Promise<[EnvironmentSpec, Place]> {
  const path = await resolveInside(place.files, place.dir, value.slice('file:'.length));
  const { value: spec } = readYaml(path, shown(place.files, path));
  return [environmentSchema.parse(spec), { ...place, dir: dirname(path) }];
}

/** `properties` of an environment version, and the version that its content gives it. */
async function environmentBody(
  spec: EnvironmentSpec,
  place: Place,
  assets: Assets,
  options: { readonly anonymous: boolean; readonly name?: string; readonly version?: string },
): Promise<{ readonly properties: Json; readonly version: string }> {
  const conda = await condaOf(spec, place);
  const context =
    spec.build?.path === undefined || isAddress(spec.build.path)
      ? undefined
      : await resolveInside(place.files, place.dir, spec.build.path);
  const hash = environmentVersion(
    compact({
      image: spec.image,
      conda,
      inference: spec.inference_config === undefined ? undefined : pickled(inference(spec.inference_config)),
      context: context === undefined ? undefined : await objectHash(context),
      dockerfile: spec.build?.dockerfile_path,
    }),
  );
  const owner = { name: options.name ?? ANONYMOUS, version: options.version ?? hash };
  const build =
    spec.build === undefined
      ? undefined
      : compact({
          contextUri:
            context === undefined ? spec.build.path : `${(await assets.upload(context, owner)).url}/`,
          dockerfilePath: spec.build.dockerfile_path,
        });
  const properties = compact({
    condaFile: conda,
    image: spec.image === '' ? undefined : spec.image,
    build,
    osType: spec.os_type,
    inferenceConfig: spec.inference_config === undefined ? undefined : inference(spec.inference_config),
    tags: spec.tags === undefined || Object.keys(spec.tags).length === 0 ? undefined : spec.tags,
    isAnonymous: options.anonymous,
    isArchived: false,
    description: spec.description,
  });
  return { properties, version: hash };
}

/** A build context may lie in a git repository. */
export function isAddress(path: string): boolean {
  return /^https?:\/\//.test(path);
}

function inference(config: NonNullable<EnvironmentSpec['inference_config']>): Json {
  return compact({
    livenessRoute: config.liveness_route,
    readinessRoute: config.readiness_route,
    scoringRoute: config.scoring_route,
  });
}

const MODELS = '!!python/object:azure.ai.ml._restclient.arm_ml_service.models._models.';

/** The routes as PyYAML dumps the official client's objects: their text goes into the hash of the environment. */
function pickled(routes: Json): string {
  const inner = Object.entries(routes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => {
      const fields = condaText(value).replace(/^(?=.)/gm, '      ');
      return `  ${name}: ${MODELS}Route\n    _data:\n${fields}`;
    });
  return `${MODELS}InferenceContainerProperties\n_data:\n${inner.join('')}`;
}

async function condaOf(spec: EnvironmentSpec, place: Place): Promise<string | undefined> {
  if (spec.conda_file === undefined || spec.conda_file === '') return undefined;
  if (typeof spec.conda_file !== 'string') return condaText(spec.conda_file);
  const path = await resolveInside(place.files, place.dir, spec.conda_file);
  return condaText(readYaml(path, shown(place.files, path)).value);
}
