import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { environmentVersion, objectHash } from '../hash.js';
import { resolveInside } from '../source-files.js';
import type { Json } from '../types.js';
import { condaText } from './conda.js';
import { autoDelete } from './auto-delete.js';
import {
  anything,
  choose,
  compact,
  fileObject,
  integer,
  isMapping,
  lowerWord,
  object,
  text,
  version,
} from './fields.js';
import type { Assets, Place, Problem } from './kind.js';
import { parseYaml } from './parse.js';
import type { Path } from './parse.js';
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

/** `environment:` of a job or deployment: a reference, a file, or the environment itself. */
export const environmentField = choose<string | EnvironmentSpec>((value) =>
  typeof value !== 'string'
    ? environmentSchema
    : value.startsWith('file:')
      ? text
      : versionedReference('environment'),
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
  const parsed = parseYaml(await readFile(path, 'utf8'));
  return [environmentSchema.parse(parsed.value), { ...place, dir: dirname(path) }];
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
function isAddress(path: string): boolean {
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
  return condaText(parseYaml(await readFile(path, 'utf8')).value);
}

/** Files that an environment names and that are not there, and what it lacks. */
export async function checkEnvironment(
  value: string | EnvironmentSpec,
  place: Place,
  at: Path,
  checkPath: (path: string, at: Path) => Promise<Problem[]>,
): Promise<Problem[]> {
  if (typeof value === 'string') {
    return value.startsWith('file:') ? checkPath(value.slice('file:'.length), at) : [];
  }
  const lacking: Problem[] =
    value.image === undefined && value.build === undefined
      ? [{ path: at, message: 'an environment needs image or build', fix: 'add image: or build: {path: …}' }]
      : [];
  const both: Problem[] =
    value.image !== undefined && value.image !== '' && value.build !== undefined
      ? [{ path: [...at, 'build'], message: 'stands beside image', fix: 'keep one of image and build' }]
      : [];
  const file = typeof value.conda_file === 'string' && value.conda_file !== '' ? value.conda_file : undefined;
  const conda = file === undefined ? [] : await checkConda(file, [...at, 'conda_file'], place, checkPath);
  const ignored: Problem[] =
    value.build !== undefined && value.conda_file !== undefined
      ? [
          {
            path: [...at, 'conda_file'],
            message: 'stands beside build; Azure builds from the Dockerfile alone',
            fix: 'install the packages in the Dockerfile, or write image: instead of build:',
            severity: 'warning',
          },
        ]
      : [];
  const path = value.build?.path;
  const build = path === undefined || isAddress(path) ? [] : await checkPath(path, [...at, 'build', 'path']);
  return [...lacking, ...both, ...conda, ...ignored, ...build];
}

/** A conda file that is not there, or that holds no packages: Azure would find out when it builds the image. */
async function checkConda(
  path: string,
  at: Path,
  place: Place,
  checkPath: (path: string, at: Path) => Promise<Problem[]>,
): Promise<Problem[]> {
  if (parseReference(path) !== undefined) {
    return [{ path: at, message: 'conda_file names a file, not something in Azure', found: path }];
  }
  const missing = await checkPath(path, at);
  if (missing.length > 0) return missing;
  const { value, problems } = parseYaml(
    await readFile(await resolveInside(place.files, place.dir, path), 'utf8'),
  );
  const broken = problems.find(({ warning }) => !warning);
  if (broken !== undefined) {
    const { line, column } = broken.position;
    return [{ path: at, message: `${path}:${line}:${column} is no YAML: ${broken.message}`, found: path }];
  }
  if (isMapping(value) && Array.isArray(value['dependencies'])) return [];
  const fix = 'write dependencies: [python=3.11, pip, {pip: [mlflow]}] in it';
  return [{ path: at, message: `${path} lists no dependencies`, found: path, fix, severity: 'warning' }];
}
