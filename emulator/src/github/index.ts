import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { EmulatorContext } from '../context.js';
import { registerAccounts } from './account-routes.js';
import { registerChecks } from './check-routes.js';
import { registerControl } from './control-routes.js';
import { registerDeployments } from './deployment-routes.js';
import { GitHubError, answerError } from './errors.js';
import { createHub } from './hub.js';
import { registerHooks } from './hook-routes.js';
import { registerIssues } from './issue-routes.js';
import { registerPulls } from './pull-routes.js';
import { registerSource } from './source-routes.js';

/**
 * Adds a small GitHub: REST v3 under `/github` (give Octokit `baseUrl: {base}/github`), over real git repositories in
 * `{dataDir}/github`, and `/_emulator/github/…` to make users, repositories, teams and apps, and to push folders.
 */
export function registerGitHub(app: FastifyInstance, ctx: EmulatorContext): void {
  const hub = createHub(ctx);
  app.addHook('onListen', (done) => {
    hub.webhooks.recover();
    done();
  });
  app.addHook('onClose', () => hub.webhooks.stop());
  void app.register(
    (scope, _options, done) => {
      answerInGitHubsShape(scope);
      for (const register of [
        registerSource,
        registerIssues,
        registerPulls,
        registerChecks,
        registerDeployments,
        registerAccounts,
        registerHooks,
      ])
        register(scope, hub);
      done();
    },
    { prefix: '/github' },
  );
  void app.register(
    (scope, _options, done) => {
      answerInGitHubsShape(scope);
      registerControl(scope, hub);
      done();
    },
    { prefix: '/_emulator/github' },
  );
}

function answerInGitHubsShape(scope: FastifyInstance): void {
  scope.setErrorHandler((error, _request, reply) => answerError(error, reply));
  scope.setNotFoundHandler((_request, reply) => answerError(new GitHubError(404, 'Not Found'), reply));
  scope.addHook('onSend', (_request, reply, _payload, done) => {
    reply.header('x-github-request-id', randomUUID());
    if (!reply.hasHeader('x-github-media-type'))
      reply.header('x-github-media-type', 'github.v3; format=json');
    done();
  });
}
