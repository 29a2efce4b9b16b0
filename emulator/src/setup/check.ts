import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { CLOUD } from './variables.js';

/** One thing that was looked at; `problem` says what is wrong and what to do. */
export interface Finding {
  readonly what: string;
  readonly problem?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

const FIX = 'Set the variables again: eval "$(azureml-emulator env)".';
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/** Looks whether clients that are started with these variables talk to the emulator, and to nothing else. */
export async function checkSetup(env: Variables): Promise<Finding[]> {
  const addresses = ['ARM_CLOUD_METADATA_URL', 'REGISTRY_DISCOVERY_ENDPOINT_URL', 'IDENTITY_ENDPOINT'];
  const findings = [
    ...addresses.map((name) => onThisMachine(env, name)),
    named(env),
    secretsOf(env),
    proxies(env),
    mlflow(env),
  ];
  const ca = await authority(env);
  findings.push(ca.finding, node(env));
  if (ca.pem === undefined || findings.some(({ problem }) => problem !== undefined)) return findings;
  return [...findings, await metadata(env, ca.pem), await token(env, ca.pem)];
}

function hostOf(text: string | undefined): string | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text).hostname : undefined;
}

function onThisMachine(env: Variables, name: string): Finding {
  const what = `${name} is an address of this machine`;
  const value = env[name];
  if (value === undefined || value === '') return { what, problem: `It is not set. ${FIX}` };
  const host = hostOf(value);
  if (host !== undefined && LOOPBACK.test(host) && value.startsWith('https://')) return { what };
  return { what, problem: `It is '${value}'; https://127.0.0.1:PORT/… is expected. ${FIX}` };
}

/** Without the cloud's name azure-ai-ml goes to the real Azure when it cannot read the metadata. */
function named(env: Variables): Finding {
  const what = `AZUREML_CURRENT_CLOUD is ${CLOUD}, so that azure-ai-ml stops instead of going to the real Azure`;
  const found = env['AZUREML_CURRENT_CLOUD'];
  return found === CLOUD
    ? { what }
    : { what, problem: `It is ${found === undefined ? 'not set' : `'${found}'`}. ${FIX}` };
}

/** `DefaultAzureCredential` tries these before the managed identity. */
function secretsOf(env: Variables): Finding {
  const what = 'No credential of the real Azure comes before the local one';
  const names = [
    'AZURE_CLIENT_SECRET',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'AZURE_USERNAME',
    'AZURE_FEDERATED_TOKEN_FILE',
  ];
  const found = names.filter((name) => (env[name] ?? '') !== '');
  if (found.length === 0) return { what };
  return {
    what,
    problem: `${found.join(', ')}: DefaultAzureCredential would take it to login.microsoftonline.com. Unset it: unset ${found.join(' ')}`,
  };
}

function proxies(env: Variables): Finding {
  const what = 'No proxy stands between clients and this machine';
  const proxy = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? '';
  const bypass = `${env['NO_PROXY'] ?? ''},${env['no_proxy'] ?? ''}`;
  if (proxy === '' || bypass.includes('127.0.0.1') || bypass.includes('*')) return { what };
  return {
    what,
    problem: `HTTPS_PROXY is '${proxy}'. Leave this machine out: export NO_PROXY=127.0.0.1,localhost`,
  };
}

function mlflow(env: Variables): Finding {
  const what = 'MLflow tracks on this machine';
  const uri = env['MLFLOW_TRACKING_URI'];
  if (uri === undefined || uri === '') return { what, problem: `MLFLOW_TRACKING_URI is not set. ${FIX}` };
  const host = hostOf(uri.replace(/^azureml:/, 'https:'));
  return host !== undefined && LOOPBACK.test(host)
    ? { what }
    : { what, problem: `MLFLOW_TRACKING_URI is '${uri}'. ${FIX}` };
}

function node(env: Variables): Finding {
  const what = "NODE_EXTRA_CA_CERTS holds the emulator's authority";
  const path = env['NODE_EXTRA_CA_CERTS'];
  if (path !== undefined && path === env['REQUESTS_CA_BUNDLE']) return { what };
  return { what, problem: `It is ${path === undefined ? 'not set' : `'${path}'`}. ${FIX}` };
}

async function authority(env: Variables): Promise<{ finding: Finding; pem?: string }> {
  const what = "REQUESTS_CA_BUNDLE holds the emulator's authority";
  const path = env['REQUESTS_CA_BUNDLE'] ?? '';
  const pem = path === '' ? undefined : await readFile(path, 'utf8').catch(() => undefined);
  if (pem?.includes('BEGIN CERTIFICATE') === true) return { finding: { what }, pem };
  const problem = path === '' ? `It is not set. ${FIX}` : `'${path}' is no readable certificate. ${FIX}`;
  return { finding: { what, problem } };
}

/** The request on which everything else of azure-ai-ml hangs, made as it makes it. */
async function metadata(env: Variables, ca: string): Promise<Finding> {
  const what = 'The metadata of the cloud is answered, and names this machine only';
  const url = env['ARM_CLOUD_METADATA_URL'] ?? '';
  try {
    const [cloud] = JSON.parse(await read(url, ca)) as {
      name: string;
      resourceManager: string;
      suffixes: { storage: string };
    }[];
    const storage = hostOf(`https://account.blob.${cloud?.suffixes.storage ?? ''}/`);
    const isOurs = cloud?.name === CLOUD && url.includes(cloud.resourceManager);
    if (isOurs && storage !== undefined && LOOPBACK.test(storage)) return { what };
    return { what, problem: `${url} answers for another cloud: ${JSON.stringify(cloud).slice(0, 300)}` };
  } catch (error) {
    return {
      what,
      problem: `${url}: ${error instanceof Error ? error.message : String(error)}. Is the emulator running? ${FIX}`,
    };
  }
}

async function token(env: Variables, ca: string): Promise<Finding> {
  const what = 'DefaultAzureCredential gets a token here';
  const url = `${env['IDENTITY_ENDPOINT'] ?? ''}?api-version=2019-08-01&resource=check`;
  if ((env['IDENTITY_HEADER'] ?? '') === '') return { what, problem: `IDENTITY_HEADER is not set. ${FIX}` };
  try {
    const { access_token } = JSON.parse(await read(url, ca)) as { access_token?: string };
    return access_token === undefined ? { what, problem: `${url} answers no token.` } : { what };
  } catch (error) {
    return { what, problem: `${url}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function read(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, timeout: 5000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`status ${answer.statusCode ?? 0}`));
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 5 s'))).on('error', reject);
    sent.end();
  });
}
