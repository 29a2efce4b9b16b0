import { registerMonitorLogs } from '../../src/monitor-logs/index.js';
import type { Json } from '../../src/resources.js';
import { createEnvironments } from '../../src/runner/environments.js';
import { createScoring, scoringUri } from '../../src/scoring/index.js';
import type { Scoring } from '../../src/scoring/index.js';
import {
  GUID,
  KEYS,
  WORKSPACE,
  putCode,
  putDeployment,
  putEndpoint,
  putWorkspace,
} from '../support/deployments.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

/** Answers `[COLOR]`; sleeps, fails or dies when the request asks for it, and does not start with BROKEN set. */
const ECHO = `import json, os, signal, time
from azureml_inference_server_http.api.aml_response import AMLResponse
def init():
    if os.environ.get("BROKEN"):
        raise RuntimeError("the model file is missing")
def run(data):
    payload = json.loads(data)
    if "sleep" in payload:
        time.sleep(payload["sleep"])
    if "fail" in payload:
        return AMLResponse({"why": "asked to"}, payload["fail"])
    if "die" in payload:
        os._exit(1)
    if "freeze" in payload:
        os.kill(os.getpid(), signal.SIGSTOP)
    return [os.environ["COLOR"]]
`;

export interface QueryAnswer {
  tables: { columns: { name: string; type: string }[]; rows: unknown[][] }[];
}

/** Scoring, its traffic log and Blob, with a workspace and the code of a model that answers with a color. */
export interface ScoringLab {
  readonly services: Services;
  readonly scoring: Scoring;
  /** ARM id of the code. */
  readonly codeId: string;
  /** Makes an endpoint whose deployments answer with their own names; gives its ARM id. */
  deployAll(
    endpoint: string,
    names: readonly string[],
    properties?: Json,
    instances?: number,
  ): Promise<string>;
  uriOf(endpoint: string): string;
  /** Sends a request with the primary key. */
  score(endpoint: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Asks the traffic log. */
  query(text: string, workspace?: string): Promise<Response>;
  rowsOf(text: string): Promise<unknown[][]>;
  stop(): Promise<void>;
}

/** What makes a deployment of the lab's code answer with `name`. */
export function color(name: string, more: Json = {}): Json {
  return { environmentVariables: { COLOR: name, ...more } };
}

export async function startScoringLab(): Promise<ScoringLab> {
  // Made anew by each start of the services.
  const current: { scoring?: Scoring } = {};
  const scoringNow = () => {
    if (current.scoring === undefined) throw new Error('the services have not started');
    return current.scoring;
  };
  const services = await startServices(
    [
      (app, ctx) => {
        current.scoring = createScoring(ctx, createEnvironments(ctx));
        current.scoring.register(app);
      },
      registerMonitorLogs,
    ],
    true,
    () => scoringNow().stop(),
  );
  putWorkspace(services.ctx);
  const codeId = await putCode(services.ctx, 'echo', ECHO);

  const uriOf = (endpoint: string) =>
    scoringUri(services.ctx, { id: `${WORKSPACE}/onlineEndpoints/${endpoint}`, name: endpoint });
  const query = (text: string, workspace = GUID) =>
    fetch(`${services.url}/v1/workspaces/${workspace}/query`, {
      method: 'POST',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: JSON.stringify({ query: text }),
    });
  return {
    services,
    get scoring() {
      return scoringNow();
    },
    codeId,
    async deployAll(endpoint, names, properties = {}, instances = 1) {
      const endpointId = putEndpoint(services.ctx, endpoint, {});
      const ids = names.map((name) =>
        putDeployment(services.ctx, endpointId, name, codeId, { ...color(name), ...properties }, instances),
      );
      await Promise.all(ids.map((id) => scoringNow().deploy(id)));
      return endpointId;
    },
    uriOf,
    score: (endpoint, body, headers = {}) =>
      fetch(uriOf(endpoint), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${KEYS.primaryKey}`,
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify(body),
      }),
    query,
    async rowsOf(text) {
      const answer = (await (await query(text)).json()) as QueryAnswer;
      return answer.tables[0]?.rows ?? [];
    },
    stop: () => services.stop(),
  };
}
