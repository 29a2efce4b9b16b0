import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './prepare/paths.mjs';

/**
 * Keeps of GitHub's OpenAPI description what the tests hold our requests to: parameters and bodies of the operations
 * that we use. The whole of it (the package `@octokit/openapi`) has 385 MB, so it is no dependency:
 *
 *   npm install --no-save @octokit/openapi@23.0.2 && node tools/github-contract.mjs && npm install
 */
const used = {
  '/app/installations/{installation_id}/access_tokens': ['post'],
  '/orgs/{org}/teams/{team_slug}/members': ['get'],
  '/orgs/{org}/teams/{team_slug}/memberships/{username}': ['get'],
  '/repos/{owner}/{repo}': ['get'],
  '/repos/{owner}/{repo}/branches': ['get'],
  '/repos/{owner}/{repo}/check-runs': ['post'],
  '/repos/{owner}/{repo}/check-runs/{check_run_id}': ['patch'],
  '/repos/{owner}/{repo}/collaborators/{username}/permission': ['get'],
  '/repos/{owner}/{repo}/commits': ['get'],
  '/repos/{owner}/{repo}/commits/{commit_sha}/pulls': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}/check-runs': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}/statuses': ['get'],
  '/repos/{owner}/{repo}/compare/{basehead}': ['get'],
  '/repos/{owner}/{repo}/contents/{path}': ['get'],
  '/repos/{owner}/{repo}/deployments': ['get', 'post'],
  '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses': ['get', 'post'],
  '/repos/{owner}/{repo}/issues': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['get', 'patch'],
  '/repos/{owner}/{repo}/issues/{issue_number}': ['get', 'patch'],
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/pulls': ['get'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['get'],
  '/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}': ['get'],
  '/repos/{owner}/{repo}/statuses/{sha}': ['post'],
  '/repos/{owner}/{repo}/tarball/{ref}': ['get'],
};

const folder = join(root, 'node_modules/@octokit/openapi');
const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
const { paths } = JSON.parse(await readFile(join(folder, 'generated/api.github.com.deref.json'), 'utf8'));
const operations = Object.entries(used).flatMap(([path, methods]) =>
  methods.map((method) => ({ path, method, ...requestOf(path, paths[path]?.[method]) })),
);

/** @param {string} path @param {any} operation */
function requestOf(path, operation) {
  if (operation === undefined) throw new Error(`GitHub has no such operation: ${path}`);
  const body = operation.requestBody?.content?.['application/json']?.schema;
  return {
    parameters: (operation.parameters ?? []).map((/** @type {any} */ parameter) =>
      clean({
        name: parameter.name,
        in: parameter.in,
        required: parameter.required ?? false,
        schema: parameter.schema,
      }),
    ),
    ...(body !== undefined && { body: clean(body) }),
  };
}

/** Without what is for people. @param {any} value @returns {any} */
function clean(value) {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(['description', 'example', 'examples'].includes(key) && isText(inner)))
      // Ajv takes `nullable` beside a `type` only.
      .filter(([key]) => !key.startsWith('x-') && (key !== 'nullable' || 'type' in value))
      .map(([key, inner]) => [key, clean(inner)]),
  );
}

/** @param {unknown} value */
function isText(value) {
  return typeof value !== 'object' || value === null || Array.isArray(value) || 'value' in value;
}

const target = join(root, 'test/github/github-requests.json');
await writeFile(target, `${JSON.stringify({ from: `@octokit/openapi ${version}`, operations })}\n`);
console.log(`${target}: ${operations.length} operations`);
