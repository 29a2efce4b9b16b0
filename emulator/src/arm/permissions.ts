import type { EmulatorContext } from '../context.js';
import { AzureError } from '../errors.js';
import type { Permissions } from '../faults.js';
import { typeOf } from '../ids.js';
import type { ArmReply, ArmRequest } from './types.js';

const LISTING = /\/providers\/microsoft\.authorization\/permissions$/i;
const EVERYTHING: Permissions = {
  actions: ['*'],
  notActions: [],
  dataActions: ['*'],
  notDataActions: [],
};

/**
 * Resource Manager's first question: whether whoever asks may do it. What is granted is set by `PUT
 * /_emulator/conditions`; everything is, unless something is. Answers "Permissions - List" itself
 * (https://learn.microsoft.com/rest/api/authorization/permissions), undefined for anything else.
 */
export function authorize({ faults }: EmulatorContext, request: ArmRequest): ArmReply | undefined {
  const granted = faults.conditions.permissions ?? EVERYTHING;
  if (request.method === 'GET' && LISTING.test(request.path)) {
    return { status: 200, body: { value: [granted] } };
  }
  const action = actionOf(request);
  if (action === undefined || isGranted(action, granted)) return undefined;
  throw new AzureError(
    403,
    'AuthorizationFailed',
    `The client 'local' does not have authorization to perform action '${action}' over scope '${request.path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
  POST: 'action',
};

/** `Microsoft.MachineLearningServices/workspaces/jobs/write`; undefined for what is of no provider. */
function actionOf({ method, id }: ArmRequest): string | undefined {
  if (id.provider === undefined || id.path.length === 0) return undefined;
  return `${typeOf(id)}/${VERBS[method] ?? 'action'}`;
}

function isGranted(action: string, { actions, notActions }: Permissions): boolean {
  return matches(action, actions) && !matches(action, notActions);
}

function matches(action: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const escaped = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${escaped.join('.*')}$`, 'i').test(action);
  });
}
