import { describe, expect, test } from 'vitest';
import { azCommands, isOpen } from '../../../src/cli/init/az-command.js';

const only = (script: string) => {
  const found = azCommands(script);
  expect(found).toHaveLength(1);
  return found[0];
};

describe('az command lines', () => {
  test('options under their long names, over several lines', () => {
    expect(
      only(
        'run_id=$(az ml job create -f jobs/train.yml --query name -o tsv \\\n  --set inputs.rate=0.1 tags.who="a b" -g rg -w ws)',
      ),
    ).toMatchObject({
      group: 'job',
      verb: 'create',
      options: { file: ['jobs/train.yml'], 'resource-group': ['rg'], 'workspace-name': ['ws'] },
      set: { 'inputs.rate': '0.1', 'tags.who': 'a b' },
      line: 1,
    });
  });

  test('values with an equals sign, and the end at a pipe', () => {
    expect(
      only('az ml online-endpoint update --name=demo --traffic="blue=90 green=10" | tee log'),
    ).toMatchObject({
      options: { name: ['demo'], traffic: ['blue=90 green=10'] },
    });
  });

  test('variables that the script sets are read, others stay open', () => {
    const [first, second] = azCommands(
      'export NAME=diabetes\naz ml online-endpoint create -n $NAME -f e.yml\nNAME=`date`\naz ml online-endpoint show -n $NAME',
    );
    expect(first?.options['name']).toEqual(['diabetes']);
    expect(isOpen(second?.options['name']?.[0] ?? '')).toBe(true);
  });

  test('a placeholder is no value', () => {
    const [command] = azCommands('NAME="<YOUR_NAME>"\naz ml online-endpoint create -n $NAME');
    expect(isOpen(command?.options['name']?.[0] ?? '')).toBe(true);
  });

  test('expressions of GitHub are read from the variables that they name', () => {
    const [command] = azCommands('az ml job create --file ${{ env.JOB }} -n ${{ github.run_id }}', {
      JOB: 'a.yml',
    });
    expect(command?.options['file']).toEqual(['a.yml']);
    expect(isOpen(command?.options['name']?.[0] ?? '')).toBe(true);
  });

  test('folders that `cd` moved to', () => {
    expect(azCommands('cd cli\ncd jobs/\naz ml job create -f a.yml')[0]?.dir).toBe('cli/jobs');
  });

  test('comments and other commands are none', () => {
    expect(azCommands('# az ml job create -f a.yml\naz group create -n rg\necho done')).toEqual([]);
  });
});
