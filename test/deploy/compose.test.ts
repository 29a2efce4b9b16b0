import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/spec/policy.js';
import { searchAttributes } from '../../src/workflows/messages.js';
import { loadSettings } from '../../src/settings.js';
import { compose, composeText, dockerStages, envFile, read, root, service, services } from './compose.js';

const fromHere = services.filter(([, { build }]) => build !== undefined);
const fromElsewhere = services.filter(([, { build }]) => build === undefined);

/** Settings that the worker and its libraries read; every one that deploy/ sets has to be among them. */
const workerSettings = new Set([
  ...(read('src/settings.ts').match(/\b(MLOPS|GITHUB)_[A-Z_]+\b/g) ?? []),
  // Read by @temporalio/envconfig and by DefaultAzureCredential's EnvironmentCredential.
  ...['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY'],
  ...['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_CERTIFICATE_PATH'],
]);

describe('docker-compose.yml', () => {
  it('is valid by the schema of the Compose specification', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(ajv);
    const schema = JSON.parse(read('test/deploy/compose-spec.json')) as object;
    const validate = ajv.compile(schema);
    expect(validate(compose), JSON.stringify(validate.errors, null, 2)).toBe(true);
    expect(validate({ services: { worker: { imag: 'x' } } })).toBe(false);
  });

  it('has PostgreSQL, Temporal, its UI and the worker, and the emulator under a profile', () => {
    const always = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
    expect(always).toEqual(expect.arrayContaining(['postgresql', 'temporal', 'temporal-ui', 'worker']));
    expect(service('emulator').profiles).toEqual(['emulator']);
  });

  it.each(fromElsewhere)('%s comes at an exact version', (_, { image }) => {
    expect(image).toMatch(/^[\w./-]+:\d+\.\d+(\.\d+)?$/);
  });

  it.each(fromHere)('%s is built here, at the version of this package', (_, { image, build }) => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(image).toMatch(new RegExp(`:${version.replaceAll('.', '\\.')}$`));
    expect(existsSync(join(root, build?.dockerfile ?? ''))).toBe(true);
    expect([...dockerStages().keys()]).toContain(build?.target);
  });

  it.each(services)('%s has a health check, or ends by itself', (_, { healthcheck, restart }) => {
    if (restart === 'unless-stopped') expect(healthcheck?.test[0]).toBe('CMD');
    else expect(restart).toMatch(/^on-failure:\d+$/);
  });

  it.each(services)(
    '%s waits only for services that are there, in a state that they reach',
    (_, { depends_on }) => {
      for (const [name, { condition }] of Object.entries(depends_on ?? {})) {
        const ends = service(name).healthcheck === undefined;
        expect(condition).toBe(ends ? 'service_completed_successfully' : 'service_healthy');
      }
    },
  );

  it.each(services)('%s mounts only what exists', (_, { volumes = [], entrypoint = [] }) => {
    for (const volume of volumes) {
      const [source = '', target = ''] = volume.split(':');
      if (source.startsWith('./')) expect(existsSync(join(root, source)), source).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
      if (target.endsWith('.sh')) expect(entrypoint).toContain(target);
    }
  });

  it.each(services)('%s opens ports on this machine only', (_, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  it('holds no secret', () => {
    const secrets = /(PASSWORD|PWD|TOKEN|SECRET|API_KEY|PRIVATE_KEY)$/;
    for (const [, { environment = {} }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (secrets.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/);
      }
    }
    const [, file] = /^\$\{WORKER_ENV_FILE:-(.*)\}$/.exec(service('worker').env_file ?? '') ?? [];
    expect(file).toBe('deploy/worker.env');
    expect(existsSync(join(root, `${file ?? ''}.example`))).toBe(true);
    for (const [name, value] of envFile('deploy/worker.env.example')) {
      if (secrets.test(name)) expect(value).toBe('');
    }
  });

  it('interpolates no variable that its first lines do not explain', () => {
    const [comment = ''] = composeText.split(/^name:/m);
    const variables = [...composeText.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name);
    for (const name of new Set(variables)) expect(comment).toContain(name);
  });
});

describe('settings in deploy/', () => {
  const sets = [
    ['docker-compose.yml', new Map(Object.entries(service('worker').environment ?? {}))],
    ['deploy/worker.env.example', envFile('deploy/worker.env.example')],
    ['deploy/emulator.env', envFile('deploy/emulator.env')],
  ] as const;

  it.each(sets)('%s names only settings that the worker reads', (_, settings) => {
    expect([...settings.keys()].filter((name) => !workerSettings.has(name))).toEqual([]);
  });

  it('are accepted by the worker, and point at the emulator where it listens', () => {
    const env = { ...service('worker').environment, ...Object.fromEntries(envFile('deploy/emulator.env')) };
    const settings = loadSettings(env);
    const published = (service('worker').ports ?? []).map((port) => port.split(':')[1]);
    const urls = [
      settings.MLOPS_AZURE_URL,
      settings.MLOPS_BLOB_URL,
      settings.MLOPS_LOGS_URL,
      settings.MLOPS_GITHUB_URL,
    ];
    for (const url of urls) expect(published).toContain(new URL(url ?? '').port);
    // The worker sends over plain http to its own loopback only.
    for (const url of urls) expect(new URL(url ?? '').hostname).toBe('127.0.0.1');
    expect(service('emulator').network_mode).toBe('service:worker');
    for (const port of published) expect(dockerStages().get('emulator')).toContain(`"${port ?? ''}"`);
  });

  it('name files of deploy/config, whose example policy is valid', () => {
    expect(envFile('deploy/emulator.env').get('MLOPS_POLICY')).toBe('/etc/mlops/policy.example.yml');
    expect(service('worker').volumes).toContain('./deploy/config:/etc/mlops:ro');
    const file = 'deploy/config/policy.example.yml';
    const result = parsePolicy(read(file), { file });
    expect(result.ok ? [] : result.mistakes).toEqual([]);
  });

  it('register the search attributes that the workflows use', () => {
    const [, names = ''] = /for name in (.*); do/.exec(read('deploy/temporal/namespace.sh')) ?? [];
    expect(names.split(' ')).toEqual(Object.keys(searchAttributes));
    expect(new Set(Object.values(searchAttributes))).toEqual(new Set(['KEYWORD']));
  });
});
