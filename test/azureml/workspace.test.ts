import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { translateFile } from '../../src/azureml/index.js';

const storage =
  '/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/mine';

interface Resource {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly dependsOn?: readonly string[];
}

/** The template's resources that `az ml workspace create` of this file comes to; the file is JSON, which is YAML too. */
async function resources(file: object): Promise<readonly Resource[]> {
  const dir = await mkdtemp(join(tmpdir(), 'workspace-'));
  const $schema = 'https://azuremlschemas.azureedge.net/latest/workspace.schema.json';
  await writeFile(join(dir, 'workspace.yml'), JSON.stringify({ $schema, name: 'ml', ...file }));
  const { steps } = await translateFile({ root: dir, dir }, { file: 'workspace.yml', set: {} });
  const last = steps.at(-1);
  const body = last?.kind === 'request' ? last.request.body : undefined;
  return (body as { properties: { template: { resources: Resource[] } } }).properties.template.resources;
}

describe('a workspace', () => {
  it('brings what it needs and does not name', async () => {
    const found = await resources({ location: 'westeurope' });
    expect(found.map(({ type }) => type)).toEqual([
      'Microsoft.Storage/storageAccounts',
      'Microsoft.KeyVault/vaults',
      'Microsoft.Insights/components',
      'Microsoft.MachineLearningServices/workspaces',
    ]);
    const workspace = found.at(-1);
    expect(workspace?.dependsOn).toHaveLength(3);
    expect(workspace).toMatchObject({
      location: 'westeurope',
      properties: { publicNetworkAccess: 'Enabled' },
    });
  });

  it('takes what exists as it is', async () => {
    const found = await resources({ storage_account: storage });
    expect(found.map(({ type }) => type)).not.toContain('Microsoft.Storage/storageAccounts');
    expect(found.at(-1)?.properties['storageAccount']).toBe(storage);
    expect(found.at(-1)?.dependsOn).toHaveLength(2);
  });

  it('keeps to its network', async () => {
    const [rule, target] = ['fqdn', 'pypi.org'];
    const found = await resources({
      managed_network: {
        isolation_mode: 'allow_only_approved_outbound',
        outbound_rules: [{ name: 'packages', type: rule, destination: target }],
      },
    });
    expect(found.at(-1)?.properties['managedNetwork']).toEqual({
      isolationMode: 'AllowOnlyApprovedOutbound',
      outboundRules: { packages: { type: 'FQDN', category: 'UserDefined', destination: target } },
      firewallSku: 'Standard',
    });
  });

  it.each<[object, RegExp]>([
    [{ storage_account: '/subscriptions/x/storageAccounts/mine' }, /storage_account: expected an ARM id/],
    [{ network_acls: { default_action: 'Deny' } }, /network_acls: ip_rules: are needed/],
    [{ customer_managed_key: { key_uri: '<KEY>' } }, /customer_managed_key\.key_uri: expected an address/],
    [{ displayname: 'ML' }, /displayname: unknown key/],
  ])('refuses %j', async (file, message) => {
    await expect(resources(file)).rejects.toThrow(message);
  });
});
