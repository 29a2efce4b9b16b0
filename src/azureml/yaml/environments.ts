import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { environmentVersion, objectHash } from '../hash.js';
import { resolveInside } from '../source-files.js';
import type { Json } from '../types.js';
import { condaText } from './conda.js';
import { anything, choose, common, compact, object, scalars, text, integer, version } from './fields.js';
import type { Assets, Place, Problem } from './kind.js';
import { parseYaml } from './parse.js';
import type { Path } from './parse.js';
import { assetId, isCurated, parseReference, versionedReference } from './references.js';

const route = object({ path: text.optional(), port: integer.optional() });

/** An environment's own keys, inline or in a file of its own. */
export const environmentSchema = object({
  ...common,
  name: text.optional(),
  version: version.optional(),
  image: text.optional(),
  conda_file: choose<string | Record<string, unknown>>((value) =>
    typeof value === 'string' ? text : anything,
  ).optional(),
  build: object({ path: text, dockerfile_path: text.optional() }).optional(),
  os_type: text.optional(),
  inference_config: object({
    liveness_route: route.optional(),
    readiness_route: route.optional(),
    scoring_route: route.optional(),
  }).optional(),
  properties: scalars.optional(),
  datastore: text.optional(),
});

export type EnvironmentSpec = z.infer<typeof environmentSchema>;

/** `environment:` of a job or deployment: a reference, a file, or the environment itself. */
export const environmentField = choose<string | EnvironmentSpec>((value) =>
  typeof value !== 'string'
    ? environmentSchema
    : value.startsWith('file:')
      ? text
      : versionedReference('environment'),
);

/** ARM id of what `environment:` names; an inline one is registered as an anonymous version of its content. */
export async function environmentId(
  value: string | EnvironmentSpec,
  place: Place,
  assets: Assets,
): Promise<string> {
  if (typeof value === 'string' && !value.startsWith('file:')) {
    const reference = parseReference(value);
    if (reference === undefined) throw new Error(`${value} is no environment`);
    return isCuratedReference(value) ? value : assetId(assets, 'environments', reference);
  }
  const [spec, at] = typeof value === 'string' ? await environmentFile(value, place) : [value, place];
  const { properties, version: hash } = await environmentBody(spec, at, assets, { anonymous: true });
  return assets.register('environments', ANONYMOUS, hash, properties);
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
export async function environmentBody(
  spec: EnvironmentSpec,
  place: Place,
  assets: Assets,
  options: { readonly anonymous: boolean; readonly name?: string; readonly version?: string },
): Promise<{ readonly properties: Json; readonly version: string }> {
  const conda = await condaOf(spec, place);
  const context =
    spec.build === undefined ? undefined : await resolveInside(place.files, place.dir, spec.build.path);
  const hash = environmentVersion(
    compact({
      image: spec.image,
      conda,
      inference: spec.inference_config === undefined ? undefined : condaText(spec.inference_config),
      context: context === undefined ? undefined : await objectHash(context),
      dockerfile: spec.build?.dockerfile_path,
    }),
  );
  const owner = { name: options.name ?? ANONYMOUS, version: options.version ?? hash };
  const build =
    context === undefined
      ? undefined
      : compact({
          contextUri: `${(await assets.upload(context, owner)).url}/`,
          dockerfilePath: spec.build?.dockerfile_path,
        });
  const properties = compact({
    condaFile: conda,
    image: spec.image,
    build,
    osType: spec.os_type,
    inferenceConfig: spec.inference_config === undefined ? undefined : inference(spec.inference_config),
    tags: spec.tags,
    isAnonymous: options.anonymous,
    isArchived: false,
    description: spec.description,
    properties: spec.properties,
  });
  return { properties, version: hash };
}

function inference(config: NonNullable<EnvironmentSpec['inference_config']>): Json {
  return compact({
    livenessRoute: config.liveness_route,
    readinessRoute: config.readiness_route,
    scoringRoute: config.scoring_route,
  });
}

async function condaOf(spec: EnvironmentSpec, place: Place): Promise<string | undefined> {
  if (spec.conda_file === undefined) return undefined;
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
  const conda =
    typeof value.conda_file === 'string' ? await checkPath(value.conda_file, [...at, 'conda_file']) : [];
  const build = value.build === undefined ? [] : await checkPath(value.build.path, [...at, 'build', 'path']);
  return [...lacking, ...conda, ...build];
}
