import { dirname } from 'node:path/posix';
import { endpointName } from '../../domain/endpoint-name.js';
import type { Asker } from './asking.js';
import { isOpen } from './az-command.js';
import { pickFile } from './pick-file.js';
import type { AzFile, Survey } from './survey.js';
import { setOf, textOf } from './training.js';

/** How the project serves: one pair of files, on a way of one or two environments. */
export interface Serving {
  readonly endpoint: string;
  readonly deployment: string;
  /** Of the endpoint in production. */
  readonly name: string;
  /** Of the endpoint in front of it; undefined for none. */
  readonly stagingName?: string;
  /** Overrides, each beginning with `endpoint.` or `deployment.`. */
  readonly set: Readonly<Record<string, string>>;
  /** JSON file of sample requests. */
  readonly requests?: string;
  /** Name that the deployment's model is registered under. */
  readonly model?: string;
}

/** Endpoint and deployment; undefined when no file describes an online endpoint, or none of them is wanted. */
export async function findServing(survey: Survey, ask: Asker): Promise<Serving | undefined> {
  const endpoint = await pick(survey, 'endpoint', 'Which file describes the endpoint?', ask);
  if (endpoint === undefined) return undefined;
  const deployment = await pick(survey, 'deployment', 'Which file describes the deployment?', ask, endpoint);
  if (deployment === undefined) return undefined;
  const name = await nameOf(survey, endpoint, ask);
  const staged = await ask.confirm(
    `Deploy to a staging endpoint (${stagingOf(name)}) and test there before production? It is removed after 2 h`,
    true,
  );
  const requests = requestsOf(survey, deployment);
  const model = /^azureml:([^:@/]+)[:@]/.exec(textOf(deployment.value['model']))?.[1];
  return {
    endpoint: endpoint.path,
    deployment: deployment.path,
    name,
    ...(staged ? { stagingName: stagingOf(name) } : {}),
    set: {
      ...prefixed('endpoint', setOf(survey, endpoint.path)),
      ...prefixed('deployment', setOf(survey, deployment.path)),
    },
    ...(requests === undefined ? {} : { requests }),
    ...(model === undefined ? {} : { model }),
  };
}

const stagingOf = (name: string): string => `${name.slice(0, 24)}-staging`;

/** These are decided by environment, release or approval, never by an override. */
const owned = new Set(['name', 'endpoint_name', 'model', 'traffic', 'mirror_traffic']);

function prefixed(what: string, set: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(set).flatMap(([path, value]) => (owned.has(path) ? [] : [[`${what}.${path}`, value]])),
  );
}

async function pick(
  survey: Survey,
  role: 'endpoint' | 'deployment',
  question: string,
  ask: Asker,
  near?: AzFile,
): Promise<AzFile | undefined> {
  const ranked = survey.files
    .filter(({ roles }) => roles.includes(role))
    .map((file) => ({ file, score: servingScore(survey, file, near) }));
  return await pickFile(ranked, ask, {
    question,
    lead: clearLead,
    describe: ({ path }) => path,
    none: 'none: train and register only',
  });
}

const clearLead = 2;

function servingScore(survey: Survey, file: AzFile, near: AzFile | undefined): number {
  const used =
    survey.commands.some((command) => command.verb === 'create' && command.file === file.path) ||
    survey.named.has(file.path);
  // Managed endpoints need no cluster of one's own, so they are the usual choice where a repository has both.
  const managed = /^managed/.test(file.kind) ? 0.5 : 0;
  if (near === undefined) return (used ? 3 : 0) + managed;
  const same = textOf(file.value['endpoint_name']) === textOf(near.value['name']);
  return managed + (used ? 3 : 0) + (same ? 2 : 0) + (dirname(file.path) === dirname(near.path) ? 1 : 0);
}

async function nameOf(survey: Survey, endpoint: AzFile, ask: Asker): Promise<string> {
  const said = survey.commands
    .filter(({ group, file }) => group === 'online-endpoint' && file === endpoint.path)
    .flatMap(({ options }) => options['name'] ?? [])
    .filter((name) => !isOpen(name));
  const known = [...said, textOf(endpoint.value['name'])].find((name) => endpointName.test(name));
  if (known !== undefined) return known;
  return await ask.text({
    question: 'What is the endpoint called?',
    usual: 'my-endpoint',
    check: (text) =>
      endpointName.test(text) ? undefined : '3 to 32 letters, digits and dashes, starting with a letter',
  });
}

/** The file that a script invokes the endpoint with, else the one JSON file near the deployment that looks like one. */
function requestsOf(survey: Survey, deployment: AzFile): string | undefined {
  const invoked = survey.commands
    .filter(({ group, verb }) => group === 'online-endpoint' && verb === 'invoke')
    .flatMap(({ options }) => options['request-file'] ?? []);
  const asked = survey.paths.find((path) =>
    invoked.some(
      (file) => !isOpen(file) && (path === file || path.endsWith(`/${file.replace(/^(\.\.?\/)+/, '')}`)),
    ),
  );
  if (asked !== undefined) return asked;
  const folder = `${dirname(deployment.path)}/`;
  const near = survey.paths.filter((path) => /request[^/]*\.json$/i.test(path));
  return near.find((path) => path.startsWith(folder)) ?? (near.length === 1 ? near[0] : undefined);
}
