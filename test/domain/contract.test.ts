import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSignature } from '../../src/azureml/signatures.js';
import { compareSignatures, contractCheck } from '../../src/domain/contract.js';
import { judge } from '../../src/domain/gate.js';
import { accepts, type Field, type Signature, type ValueType } from '../../src/domain/signature.js';
import { approval, environment } from './fixtures.js';
import { champion, finished, gate } from './gate-fixtures.js';

const scalar = (type: string): ValueType => ({ kind: 'scalar', type });
const column = (name: string, type: string, required = true): Field => ({
  name,
  type: scalar(type),
  required,
});
const tensor = (type: string, ...shape: number[]): Field => ({
  type: { kind: 'tensor', type, shape },
  required: true,
});
const inputs = (...fields: Field[]): Signature => ({ inputs: fields });
const outputs = (...fields: Field[]): Signature => ({ outputs: fields });
const breaks = (before: Signature, now: Signature): readonly string[] =>
  compareSignatures(before, now).breaks;

describe('what callers of the champion would notice', () => {
  const age = column('Age', 'long');
  test.each([
    [
      'a new required input',
      inputs(age),
      inputs(age, column('BMI', 'double')),
      'BMI (double) is new and required',
    ],
    [
      'a narrower input',
      inputs(column('BMI', 'double')),
      inputs(column('BMI', 'long')),
      'was double and is long',
    ],
    ['numbers that became text', inputs(age), inputs(column('Age', 'string')), 'was long and is string'],
    [
      'an input that was optional',
      inputs(column('Age', 'long', false)),
      inputs(age),
      'optional and is required',
    ],
    ['an answer that is gone', outputs(age, column('p', 'double')), outputs(age), 'output p is gone'],
    [
      'a wider answer',
      outputs(column('p', 'float')),
      outputs(column('p', 'double')),
      'was float and is double',
    ],
    [
      'an answer that may be missing',
      outputs(age),
      outputs(column('Age', 'long', false)),
      'may be missing now',
    ],
    ['no signature any more', inputs(age), {}, 'says nothing of inputs any more'],
    [
      'other classes',
      outputs(tensor('float64', -1, 2)),
      outputs(tensor('float64', -1, 3)),
      '(-1, 2) and is float64',
    ],
    [
      'a table that became a tensor',
      inputs(age),
      inputs(tensor('float64', -1, 1)),
      'became (float64 tensor (-1, 1))',
    ],
    [
      'another type of a parameter',
      { params: [column('k', 'double')] },
      { params: [column('k', 'string')] },
      'parameter k',
    ],
  ])('%s breaks them', (_name, before, now, told) => {
    expect(breaks(before, now)).toHaveLength(1);
    expect(breaks(before, now)[0]).toContain(told);
  });

  test.each([
    ['a wider input', inputs(age), inputs(column('Age', 'double'))],
    ['an input that is not read any more', inputs(age, column('BMI', 'double')), inputs(age)],
    ['a new optional input', inputs(age), inputs(age, column('BMI', 'double', false))],
    ['another order', inputs(age, column('BMI', 'double')), inputs(column('BMI', 'double'), age)],
    ['one answer more', outputs(age), outputs(age, column('p', 'double'))],
    ['another batch size', inputs(tensor('float32', 8, 2)), inputs(tensor('float32', -1, 2))],
    ['a parameter less', { params: [column('k', 'long')] }, {}],
    ['a champion without signature', {}, inputs(age)],
  ])('%s does not', (_name, before, now) => {
    expect(breaks(before, now)).toEqual([]);
  });

  const types = fc.letrec<{ type: ValueType }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom('long', 'double', 'string', 'integer', 'boolean', 'datetime', 'any').map(scalar),
      fc.record({ kind: fc.constantFrom('array' as const, 'map' as const), of: tie('type') }),
    ),
  })).type;
  const fields = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), type: types, required: fc.boolean() }),
    { selector: ({ name }) => name, minLength: 1 },
  );
  const signature = fc.record({ inputs: fields, outputs: fields, params: fields });

  test('the same signature breaks nothing, in whatever order', () => {
    fc.assert(
      fc.property(signature, (one) => {
        const turned = { inputs: one.inputs.toReversed(), outputs: one.outputs.toReversed() };
        expect(compareSignatures(one, one)).toEqual({ breaks: [], notes: [] });
        expect(breaks({ inputs: one.inputs, outputs: one.outputs }, turned)).toEqual([]);
      }),
    );
  });

  test('what two steps convert, one step converts', () => {
    const names = [
      'boolean',
      'integer',
      'long',
      'float',
      'double',
      'string',
      'datetime',
      'uint8',
      'uint32',
      'any',
    ];
    const triples = names.flatMap((a) => names.flatMap((b) => names.map((c) => [a, b, c].map(scalar))));
    for (const [a, b, c] of triples as [ValueType, ValueType, ValueType][])
      if (accepts(b, a) && accepts(c, b)) expect(accepts(c, a)).toBe(true);
  });

  test('whoever loses an answer, or has to send more, is told', () => {
    fc.assert(
      fc.property(signature, fc.nat(3), (one, at) => {
        const gone = one.outputs.filter((_, index) => index !== at % one.outputs.length);
        const more = { ...one, inputs: [...one.inputs, column('new', 'long')] };
        expect(breaks(one, { ...one, outputs: gone })).toHaveLength(1);
        expect(breaks(one, more)).toEqual(['input new (long) is new and required']);
      }),
    );
  });

  test('a thousand columns are told in a few lines', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => column(`c${at}`, 'long'));
    const told = breaks(
      inputs(...many),
      inputs(...many.map((field) => ({ ...field, type: scalar('string') }))),
    );
    expect(told).toHaveLength(11);
    expect(told.at(-1)).toBe('990 more');
  });
});

describe('the gate', () => {
  const change = { breaks: ['output p is gone'], notes: [] };
  const last = environment('production', 'prod', { approval });
  const candidate = { ...finished('a', { AUC: 0.9 }), contract: change };

  test('fails who breaks callers, with and without a rule on metrics', () => {
    for (const rule of [gate, undefined]) {
      const { passed, verdicts } = judge(rule, [candidate], champion, { last });
      expect(passed).toBe(false);
      expect(verdicts[0]?.reasons.at(-1)).toContain('breaks callers of the champion: output p is gone ✗');
      expect(verdicts[0]?.reasons.at(-1)).toContain('contract: breaking');
    }
  });

  test('lets a declared break pass where people approve it, and only there', () => {
    expect(judge(gate, [candidate], champion, { rule: 'breaking', last }).passed).toBe(true);
    const nobody = environment('production', 'prod');
    const refused = judge(gate, [candidate], champion, { rule: 'breaking', last: nobody });
    expect(refused.passed).toBe(false);
    expect(refused.summary).toContain('production has `approval: none`');
  });

  test('a declared break never makes anything pass that would not pass without', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (AUC, broken) => {
        const one = { ...finished('a', { AUC }), contract: broken ? change : { breaks: [], notes: [] } };
        const plain = judge(gate, [finished('a', { AUC })], champion).passed;
        expect(judge(gate, [one], champion, { rule: 'breaking', last }).passed).toBe(plain);
        expect(judge(gate, [one], champion, { last }).passed).toBe(plain && !broken);
      }),
    );
    expect(contractCheck({ breaks: [], notes: ['x'] }, 'compatible', undefined)).toEqual([]);
  });
});

describe('MLmodel', () => {
  test('its signature is read as MLflow writes it', () => {
    const text = `flavors: {}
signature:
  inputs: '[{"type": "double", "name": "BMI", "required": true}, {"type": "long", "name": "Age", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2]}}]'
  params: '[{"name": "k", "type": "integer", "default": 3, "shape": null}]'
`;
    expect(readSignature(text)).toEqual({
      inputs: [column('BMI', 'double'), column('Age', 'long', false)],
      outputs: [tensor('float64', -1, 2)],
      params: [column('k', 'integer')],
    });
  });

  test('lists and objects too', () => {
    const messages =
      '[{"type": "array", "items": {"type": "object", "properties": {"role": {"type": "string", "required": true}}}, "name": "messages", "required": true}]';
    expect(readSignature(`signature: {inputs: '${messages}'}`).inputs).toEqual([
      {
        name: 'messages',
        required: true,
        type: { kind: 'array', of: { kind: 'object', fields: [column('role', 'string')] } },
      },
    ]);
  });

  test.each(['', 'signature: null', 'signature: {inputs: "no JSON"}', 'signature: {inputs: "[3]"}', ': ['])(
    'without one it promises nothing: %j',
    (text) => {
      expect(readSignature(text)).toEqual({});
    },
  );
});
