import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lacking } from '../../src/domain/permissions.js';

const ml = 'Microsoft.MachineLearningServices/workspaces';
/** Azure's built-in AzureML Data Scientist, shortened. */
const dataScientist = {
  actions: [`${ml}/*/read`, `${ml}/*/action`, `${ml}/*/delete`, `${ml}/*/write`],
  notActions: [`${ml}/delete`, `${ml}/write`, `${ml}/computes/*/write`, `${ml}/listKeys/action`],
};

describe('what no role grants', () => {
  it.each([
    [`${ml}/jobs/write`, false],
    [`${ml}/onlineEndpoints/deployments/write`, false],
    [`${ml.toUpperCase()}/JOBS/WRITE`, false],
    [`${ml}/computes/clusters/write`, true],
    [`${ml}/listKeys/action`, true],
    [`${ml}/read`, true],
    ['Microsoft.Storage/storageAccounts/read', true],
  ])('%s: %s', (action, lacks) => {
    expect(lacking({ actions: [action] }, [dataScientist])).toEqual(lacks ? [action] : []);
  });

  it('counts what one role takes out and another grants', () => {
    expect(lacking({ actions: [`${ml}/write`] }, [dataScientist, { actions: [`${ml}/*`] }])).toEqual([]);
  });

  it('keeps data actions apart', () => {
    const read = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read';
    expect(lacking({ dataActions: [read] }, [{ actions: ['*'] }])).toEqual([read]);
    expect(lacking({ dataActions: [read] }, [{ dataActions: ['*'] }])).toEqual([]);
  });

  it('matches as a regular expression would', () => {
    const part = fc.stringMatching(/^[ab]{0,3}$/);
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.stringMatching(/^[ab]{0,8}$/),
        (parts, name) => {
          const expected = new RegExp(`^${parts.join('.*')}$`).test(name);
          expect(lacking({ actions: [name] }, [{ actions: [parts.join('*')] }])).toEqual(
            expected ? [] : [name],
          );
        },
      ),
    );
  });

  it('nothing is granted where there is no role', () => {
    expect(lacking({ actions: ['a/read'] }, [])).toEqual(['a/read']);
  });
});
