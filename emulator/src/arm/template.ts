import { AzureError } from '../errors.js';
import { keyOf, resourceGroupId } from '../ids.js';
import type { Json } from '../resources.js';
import { isJson, objectOf } from './crud.js';
import { evaluateDeep, typedPath } from './expressions.js';
import type { TemplateScope } from './expressions.js';

/** A resource of a template, its name evaluated; the rest is evaluated when its turn comes. */
export interface PlannedResource {
  readonly id: string;
  readonly apiVersion: string;
  readonly body: Json;
  readonly dependsOn: readonly string[];
}

function invalid(message: string): AzureError {
  return new AzureError(400, 'InvalidTemplate', `Deployment template validation failed: '${message}'`);
}

/** Parameter values of a deployment: what was given, else the template's defaults; all that is wrong is refused. */
export function parametersOf(template: Json, given: Json, scope: Omit<TemplateScope, 'parameters'>): Json {
  const declared = objectOf(template, 'parameters');
  const unknown = Object.keys(given).filter((name) => !(name in declared));
  if (unknown.length > 0)
    throw invalid(`the parameters ${unknown.join(', ')} are not declared in the template`);
  const found: Json = {};
  for (const [name, declaration] of Object.entries(declared)) {
    const value = isJson(given[name]) ? given[name]['value'] : undefined;
    const fallback = isJson(declaration) ? declaration['defaultValue'] : undefined;
    if (value === undefined && fallback === undefined) {
      throw invalid(`the value for the template parameter '${name}' is not provided`);
    }
    found[name] = value ?? evaluateDeep(fallback, { ...scope, parameters: found });
  }
  return found;
}

/** The template's resources in an order in which each comes after those it depends on. */
export function planOf(template: Json, scope: TemplateScope): PlannedResource[] {
  const { resources } = template;
  if (!Array.isArray(resources)) throw invalid('the template has no resources array');
  const wanted = resources.filter(
    (entry: unknown) => !isJson(entry) || evaluateDeep(entry['condition'], scope) !== false,
  );
  const planned = wanted.map((entry: unknown) => plan(entry, scope));
  return inOrder(planned);
}

function plan(entry: unknown, scope: TemplateScope): PlannedResource {
  if (!isJson(entry)) throw invalid('a resource of the template is no object');
  const { type, apiVersion, name, dependsOn = [], scope: on, ...body } = entry;
  if (typeof type !== 'string' || typeof name !== 'string' || typeof apiVersion !== 'string') {
    throw invalid('each resource needs the strings type, apiVersion and name');
  }
  const path = `/providers/${typedPath(type, String(evaluateDeep(name, scope)))}`;
  const group = resourceGroupId(scope.subscription, scope.group.name);
  const base = typeof on === 'string' ? scopeId(String(evaluateDeep(on, scope)), group) : group;
  const after = (Array.isArray(dependsOn) ? dependsOn : []).map((each) => String(evaluateDeep(each, scope)));
  return { id: base + path, apiVersion, body, dependsOn: after };
}

/** A scope is a full id, or `Microsoft.X/a/n` in the same resource group. */
function scopeId(text: string, group: string): string {
  return text.startsWith('/') ? text : `${group}/providers/${text}`;
}

function inOrder(planned: readonly PlannedResource[]): PlannedResource[] {
  const done: PlannedResource[] = [];
  let left = [...planned];
  while (left.length > 0) {
    const waits = (resource: PlannedResource) =>
      left.some((other) => other !== resource && resource.dependsOn.some((wanted) => names(other, wanted)));
    const ready = left.filter((resource) => !waits(resource));
    if (ready.length === 0)
      throw invalid(`the resources ${left.map(({ id }) => id).join(', ')} depend on each other`);
    done.push(...ready);
    left = left.filter((resource) => !ready.includes(resource));
  }
  return done;
}

/** `dependsOn` holds full ids or, for short, names. */
function names(resource: PlannedResource, wanted: string): boolean {
  const key = keyOf(resource.id);
  return key === keyOf(wanted) || key.endsWith(`/${wanted.toLowerCase()}`);
}
