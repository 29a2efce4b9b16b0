import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { translateFile } from '../../src/azureml/index.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'monitors-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A monitor's definition as it is sent; `of` is its part of the file, as JSON, which is YAML too. */
async function definition(of: object): Promise<Record<string, unknown>> {
  const schedule = {
    name: 'chat',
    trigger: { type: 'recurrence', frequency: 'day', interval: 1 },
    create_monitor: { compute: { instance_type: 'standard_e4s_v3', runtime_version: '3.4' }, ...of },
  };
  await writeFile(join(dir, 'monitor.yml'), JSON.stringify(schedule));
  const { steps } = await translateFile({ root: dir, dir }, { file: 'monitor.yml', set: {} });
  const last = steps.at(-1);
  const body = last?.kind === 'request' ? last.request.body : undefined;
  return (body as { properties: { action: { monitorDefinition: Record<string, unknown> } } }).properties
    .action.monitorDefinition;
}

const traces = { path: 'azureml:chat_traces:1', type: 'uri_folder' };
const sent = {
  jobInputType: 'uri_folder',
  uri: '{ws}/data/chat_traces/versions/1',
  inputDataType: 'Trailing',
};

// What azure-ai-ml 1.35.2 sent for the same signals.
it('sends signals of generated text as the official client does', async () => {
  const { monitoringTarget, signals } = await definition({
    monitoring_target: { ml_task: 'QuestionAnswering', endpoint_deployment_id: 'azureml:chat:main' },
    monitoring_signals: {
      quality: {
        type: 'generation_safety_quality',
        connection_id: '/subscriptions/s/connections/model',
        alert_enabled: true,
        sampling_rate: 1,
        production_data: [
          {
            input_data: traces,
            data_column_names: { prompt: 'question', completion: 'answer' },
            data_window: { lookback_window_size: 'P7D', lookback_window_offset: 'P1D' },
          },
        ],
        metric_thresholds: {
          groundedness: {
            aggregated_groundedness_pass_rate: 0.7,
            acceptable_groundedness_score_per_instance: 4,
          },
          fluency: { aggregated_fluency_pass_rate: 1 },
        },
      },
      tokens: {
        type: 'generation_token_statistics',
        production_data: { input_data: traces },
        metric_thresholds: { totaltoken: { total_token_count_per_group: 10 } },
      },
    },
  });
  expect(monitoringTarget).toMatchObject({ taskType: 'questionanswering' });
  expect(signals).toEqual({
    quality: {
      signalType: 'GenerationSafetyQuality',
      mode: 'Enabled',
      productionData: [
        {
          ...sent,
          columns: { prompt: 'question', completion: 'answer' },
          windowSize: 'P7D',
          windowOffset: 'P1D',
        },
      ],
      workspaceConnectionId: '/subscriptions/s/connections/model',
      metricThresholds: [
        { metric: 'AcceptableGroundednessScorePerInstance', threshold: { value: 4 } },
        { metric: 'AggregatedGroundednessPassRate', threshold: { value: 0.7 } },
        { metric: 'AcceptableFluencyScorePerInstance', threshold: { value: 3 } },
        { metric: 'AggregatedFluencyPassRate', threshold: { value: 1 } },
      ],
      samplingRate: 1,
    },
    tokens: {
      signalType: 'GenerationTokenStatistics',
      mode: 'Disabled',
      productionData: { ...sent, windowSize: 'P1D', windowOffset: 'P0D' },
      metricThresholds: [
        { metric: 'TotalTokenCount', threshold: { value: 3 } },
        { metric: 'TotalTokenCountPerGroup', threshold: { value: 10 } },
      ],
      samplingRate: 0.1,
    },
  });
});

it('watches the tokens of a deployment that answers questions where no signal is named', async () => {
  const target = { ml_task: 'questionanswering', endpoint_deployment_id: 'azureml:chat:main' };
  const { signals } = await definition({ monitoring_target: target });
  expect(signals).toMatchObject({
    'token-usage-signal': {
      productionData: {
        uri: '{ws}/data/chat-main-app_traces/versions/1',
        windowSize: 'P7D',
        windowOffset: 'P0D',
      },
      metricThresholds: [
        { metric: 'TotalTokenCount', threshold: { value: 0 } },
        { metric: 'TotalTokenCountPerGroup', threshold: { value: 0 } },
      ],
    },
  });
});

it.each([
  [
    {
      type: 'generation_safety_quality',
      production_data: [{ input_data: traces, data_window: { lookback_window_offset: 'P1D' } }],
      metric_thresholds: {},
    },
    /production_data\[0\]\.data_window\.lookback_window_size: missing/,
  ],
  [
    {
      type: 'generation_safety_quality',
      production_data: [{ input_data: traces }],
      metric_thresholds: { relevance: { acceptable_relevance_score_per_instance: 3 } },
    },
    /relevance\.aggregated_relevance_pass_rate: missing/,
  ],
  [
    { type: 'generation_token_statistics' },
    /production_data: missing; without a monitored deployment the signal needs production_data/,
  ],
])('names what the signal %o lacks', async (signal, told) => {
  await expect(definition({ monitoring_signals: { signal } })).rejects.toThrow(told);
});
