import { stringify } from 'yaml';
import type { Proposal } from './proposal.js';

/** Where the scripts do not say it. No value passes for real by mistake: `mlops validate` refuses each of them. */
const unknown = {
  subscription: '<subscription id>',
  resourceGroup: '<resource group>',
  name: '<workspace>',
  location: '<region>',
};

/** `policy.yml`, the operators' half: which workspace and endpoints the project may use. */
export function policyText({ name, path, repository, serving, workspace }: Proposal): string {
  const target = { ...unknown, ...workspace };
  const endpoints = [serving?.stagingName, serving?.name].filter((one) => one !== undefined);
  const text = stringify({
    version: 1,
    workspaces: {
      dev: {
        subscription: target.subscription,
        resource_group: target.resourceGroup,
        name: target.name,
        location: target.location,
      },
    },
    projects: {
      [name]: {
        repository,
        ...(path === '.' ? {} : { path }),
        workspace: 'dev',
        setup: 'check',
        ...(endpoints.length === 0 ? {} : { endpoints: { dev: endpoints } }),
        ...(serving === undefined
          ? {}
          : { environments: { production: { approval: { required: 1, verify: ['github'] } } } }),
      },
    },
  });
  return `# For the people who run the worker, which reads it by MLOPS_POLICY: no commit can change it there.\n${text}`;
}
