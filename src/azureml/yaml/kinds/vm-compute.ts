import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { resolveInside } from '../../source-files.js';
import { computeReadOnly, computeRest, computeShape, isCompute } from '../compute-parts.js';
import { compact, fileObject, integer, object, text } from '../fields.js';
import { kind } from '../kind.js';
import { checkPath } from '../paths.js';

const schema = fileObject(
  {
    ...computeShape('virtualmachine'),
    resource_id: text,
    ssh_settings: object(
      {
        admin_username: text,
        admin_password: text.optional(),
        ssh_port: integer.optional(),
        ssh_private_key_file: text.optional(),
      },
      [],
    ),
  },
  [...computeReadOnly, 'compute_location'],
);

/** `az ml compute attach --type VirtualMachine`. */
export const vmCompute = kind<z.infer<typeof schema>>({
  name: 'vmCompute',
  family: 'compute',
  roles: ['setup'],
  order: 1,
  detects: isCompute('virtualmachine'),
  schema,
  check: ({ ssh_settings: ssh }, place) =>
    ssh.ssh_private_key_file === undefined
      ? Promise.resolve([])
      : checkPath(place, ssh.ssh_private_key_file, ['ssh_settings', 'ssh_private_key_file'], 'file'),
  async toRest(compute, place, assets) {
    const { ssh_settings: ssh } = compute;
    const file = ssh.ssh_private_key_file;
    const key =
      file === undefined
        ? undefined
        : await readFile(await resolveInside(place.files, place.dir, file), 'utf8');
    const administratorAccount = compact({
      username: ssh.admin_username,
      password: ssh.admin_password,
      privateKeyData: key,
    });
    const body = compact({
      properties: { sshPort: ssh.ssh_port ?? 22, administratorAccount },
      resourceId: compute.resource_id,
      description: compute.description,
      computeType: 'VirtualMachine',
    });
    return computeRest({ name: compute.name, tags: compute.tags }, body, assets);
  },
});
