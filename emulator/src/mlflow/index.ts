import type { FastifyInstance } from 'fastify';
import type { EmulatorContext } from '../context.js';
import { addArtifactProxy, artifactListRoutes } from './artifacts.js';
import { MlflowError, toAnswer } from './errors.js';
import { experimentRoutes } from './experiments.js';
import { loggedModelRoutes } from './logged-models.js';
import { modelVersionRoutes } from './model-versions.js';
import { registeredModelRoutes } from './registered-models.js';
import { addRoutes } from './routes.js';
import { runRoutes } from './runs.js';

const PREFIX =
  '/mlflow/:generation(^v[12]\\.0$)/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.MachineLearningServices/workspaces/:workspace';

const ROUTES = [
  ...experimentRoutes,
  ...runRoutes,
  ...artifactListRoutes,
  ...loggedModelRoutes,
  ...registeredModelRoutes,
  ...modelVersionRoutes,
];

/** Adds MLflow's tracking server, model registry and artifact proxy for every workspace. */
export function registerMlflow(app: FastifyInstance, ctx: EmulatorContext): undefined {
  void app.register(
    (scope, _options, done) => {
      answerErrorsAsMlflow(scope, ctx);
      addRoutes(scope, ctx, ROUTES);
      done();
    },
    { prefix: PREFIX },
  );
  // A scope of its own: it takes bodies of any type as streams.
  void app.register(
    (scope, _options, done) => {
      answerErrorsAsMlflow(scope, ctx);
      addArtifactProxy(scope, ctx);
      done();
    },
    { prefix: PREFIX },
  );
}

function answerErrorsAsMlflow(scope: FastifyInstance, ctx: EmulatorContext): void {
  scope.setErrorHandler((error, request, reply) => {
    const { status, body } = toAnswer(error);
    if (status >= 500 && !(error instanceof MlflowError) && error instanceof Error)
      ctx.log(`mlflow ${request.method} ${request.url}: ${error.stack ?? error.message}`);
    return reply.code(status).send(body);
  });
}
