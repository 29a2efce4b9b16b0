import { describe, expect, it } from 'vitest';
import { differences } from '../../src/azureml/differences.js';

describe('what a plan tells of credentials', () => {
  it.each(['pat', 'password', 'key', 'sas', 'clientSecret', 'accessKeyId', 'secretAccessKey'])(
    'never shows a %s, whatever Azure answers',
    (field) => {
      const wanted = { properties: { credentials: { [field]: 'hush-1' } } };
      for (const found of [{}, { properties: { credentials: { [field]: 'hush-2' } } }, { properties: null }])
        expect(differences(wanted, found)).toEqual([]);
    },
  );

  it('takes credentials that Azure keeps to itself for those that were sent', () => {
    const wanted = { properties: { authType: 'UsernamePassword', credentials: { username: 'u' } } };
    expect(differences(wanted, { properties: { authType: 'UsernamePassword' } })).toEqual([]);
    expect(differences(wanted, { properties: { authType: 'PAT', credentials: null } })).toEqual([
      'properties.authType: PAT → UsernamePassword',
    ]);
  });

  it('compares what it is shown', () => {
    const wanted = { credentials: { credentialsType: 'Sas', secrets: { sasToken: 'hush' } } };
    expect(differences(wanted, { credentials: { credentialsType: 'AccountKey' } })).toEqual([
      'credentials.credentialsType: AccountKey → Sas',
    ]);
  });
});
