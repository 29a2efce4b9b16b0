import { createAzureMl } from '../src/azureml/index.js';
import { codeFolder } from '../src/azureml/code-folder.js';
import { uploadCode } from '../src/azureml/uploads.js';

/** One upload of a folder as code, in a process of its own. Prints seconds and peak memory as JSON. */
const [folder = '', armUrl = '', blobUrl = '', subscription = '', resourceGroup = '', name = ''] =
  process.argv.slice(2);
const target = {
  alias: 'bench',
  subscription,
  resourceGroup,
  name,
  location: 'westeurope',
  taskQueue: '',
  credential: 'default',
};
const token = { token: 'local', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
const ml = createAzureMl(target, {
  credential: { getToken: () => Promise.resolve(token) },
  armUrl,
  blobUrl,
});
const began = performance.now();
await uploadCode(ml, await codeFolder(folder, folder));
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
