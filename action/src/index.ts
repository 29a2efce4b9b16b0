import { setFailed } from '@actions/core';
import { readContext } from './context.js';
import { createGitHubReader } from './github.js';
import { readInputs } from './inputs.js';
import { report } from './report.js';
import { run } from './run.js';
import { connect } from './temporal.js';

try {
  const inputs = readInputs(process.env);
  const context = await readContext(process.env);
  const token = inputs.githubToken ?? process.env['GITHUB_TOKEN'];
  const result = await run(inputs, context, {
    connect: () => connect(inputs, process.env),
    ...(token !== undefined && { github: createGitHubReader(context.apiUrl, context.repository, token) }),
  });
  await report(result, process.env);
} catch (error) {
  setFailed(error instanceof Error ? error.message : String(error));
}
