import js from '@eslint/js';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const builtins = builtinModules.flatMap((name) => [name, `node:${name}`]);

/** Folders of src/ that a folder may import besides itself; `types` may be imported by type only. */
const allowed = {
  domain: { values: [] },
  workflows: { values: ['domain'], types: ['activities'] },
  spec: { values: ['domain'] },
  azureml: { values: ['domain'] },
  github: { values: ['domain'] },
  reports: { values: ['domain'] },
  monitoring: { values: ['domain'] },
  temporal: { values: ['domain', 'workflows/messages'] },
  cli: {
    values: ['domain', 'temporal', 'workflows/messages', 'spec', 'azureml', 'github', 'reports'],
  },
  activities: {
    values: [
      'domain',
      'spec',
      'azureml',
      'github',
      'reports',
      'monitoring',
      'temporal',
      'workflows/messages',
    ],
  },
};

const importRules = Object.entries(allowed).map(([folder, { values, types = [] }]) => {
  const others = Object.keys(allowed).filter((name) => name !== folder);
  const forbid = (names, allowTypeImports) =>
    names.map((name) => ({
      regex: `^(\\.\\./)+${name}/${values.includes(`${name}/messages`) ? '(?!messages)' : ''}`,
      allowTypeImports,
      message: `src/${folder} may not import src/${name}: imports point one way (docs/architecture.md).`,
    }));
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths:
            folder === 'workflows' || folder === 'domain'
              ? builtins.map((name) => ({ name, message: 'Workflow code runs in a sandbox without Node.' }))
              : [],
          patterns: [
            ...forbid(
              others.filter((name) => !values.includes(name) && !types.includes(name)),
              false,
            ),
            ...forbid(types, true),
            {
              // The command line is an entry point made of many files: it may read settings and make connections.
              regex: `^(\\.\\./)+(worker|worker-factory|client|index${folder === 'cli' ? '' : '|settings|connections'})\\.js$`,
              message: 'Entry points are imported by nobody.',
            },
          ],
        },
      ],
    },
  };
});

export default tseslint.config(
  { ignores: ['**/lib/', 'action/dist/', 'test-artifacts/', '.local/', 'examples/', '**/node_modules/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: [
          './tsconfig.json',
          './emulator/tsconfig.json',
          './emulator/src/studio/client/tsconfig.json',
          './test/tsconfig.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  ...importRules,
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
);
