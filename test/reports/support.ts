import type { FinishedCandidate } from '../../src/domain/evaluation.js';
import type { DriftReportInput, EvaluationReportInput, FeatureDrift } from '../../src/reports/index.js';

export function candidate(
  name: string,
  metrics: Readonly<Record<string, number>>,
  rest: Partial<FinishedCandidate> = {},
): FinishedCandidate {
  return {
    kind: 'finished',
    candidate: name,
    job: `job-${name}`,
    reused: false,
    metrics,
    model: { type: 'mlflow_model', path: 'model' },
    codeHash: 'c0de',
    data: { training: 'diabetes-train:3' },
    seconds: 73,
    link: `https://ml.azure.com/runs/${name}`,
    ...rest,
  };
}

export const evaluation: EvaluationReportInput = {
  project: 'diabetes',
  repository: 'contoso/diabetes',
  commit: '3f2a9c41d07b5e6f7a8b9c0d1e2f3a4b5c6d7e8f',
  trigger: 'push',
  candidates: [
    candidate('logistic', { AUC: 0.8312, accuracy: 0.771, 'AUC.under_40': 0.81 }, { reused: true }),
    candidate('boosted', { AUC: 0.8631, accuracy: 0.802, 'AUC.under_40': 0.855 }),
    { kind: 'failed', candidate: 'neural', reason: 'exit code 1', log: 'first\nValueError: <b>NaN</b>' },
  ],
  gate: {
    metric: 'AUC',
    goal: 'maximize',
    require: { AUC: { op: '>=', value: 0.8 } },
    minImprovement: 0.005,
  },
  verdict: {
    passed: true,
    best: 'boosted',
    summary: 'boosted is the best of 3: AUC 0.8631 ≥ 0.8 ✓',
    verdicts: [
      { candidate: 'logistic', passed: false, value: 0.8312, reasons: ['AUC 0.8312 is worse than 0.8412 ✗'] },
      { candidate: 'boosted', passed: true, value: 0.8631, reasons: ['AUC 0.8631 ≥ 0.8 ✓'] },
      { candidate: 'neural', passed: false, reasons: ['its job failed: exit code 1'] },
    ],
  },
  champion: {
    model: 'diabetes',
    version: '7',
    commit: 'aa11bb22',
    metrics: { AUC: 0.8412, 'AUC.under_40': 0.84 },
  },
  links: { commit: 'https://github.com/contoso/diabetes/commit/3f2a9c41d07b' },
};

export const age: FeatureDrift = {
  feature: 'Age',
  type: 'numerical',
  metric: 'NormalizedWassersteinDistance',
  value: 1.14,
  threshold: 0.1,
  breached: true,
  statistics: [
    { metric: 'NormalizedWassersteinDistance', value: 1.14, error: 0.0004, threshold: 0.1 },
    { metric: 'JensenShannonDistance', value: 0.41, error: 0 },
    { metric: 'PopulationStabilityIndex', value: 0.92, error: 0, threshold: 0.2 },
    { metric: 'TwoSampleKolmogorovSmirnovTest', value: 0.0001, error: 0.001, gap: 0.5 },
  ],
  baseline: {
    count: 10_000,
    nulls: 0,
    mean: 30,
    sd: 12,
    histogram: { kind: 'bins', edges: [20, 40, 60], shares: [0.7, 0.3] },
  },
  current: {
    count: 784,
    nulls: 0.02,
    mean: 44,
    sd: 12,
    histogram: { kind: 'bins', edges: [20, 40, 60], shares: [0.2, 0.8] },
  },
};

export const clinic: FeatureDrift = {
  ...age,
  feature: 'Clinic',
  type: 'categorical',
  metric: 'JensenShannonDistance',
  value: 0.05,
  breached: false,
  statistics: [
    { metric: 'JensenShannonDistance', value: 0.05, error: 0, threshold: 0.1 },
    { metric: 'PopulationStabilityIndex', value: 0.04, error: 0 },
    { metric: 'PearsonsChiSquaredTest', value: 0.03, error: 0 },
  ],
  baseline: {
    count: 10_000,
    nulls: 0,
    histogram: { kind: 'categories', labels: ['north', 'south'], shares: [0.5, 0.5] },
  },
  current: {
    count: 800,
    nulls: 0,
    histogram: { kind: 'categories', labels: ['north', 'south'], shares: [0.4, 0.6] },
  },
};

export const drift: DriftReportInput = {
  project: 'diabetes',
  endpoint: 'diabetes-prod',
  environment: 'production',
  window: { fromMs: Date.UTC(2026, 0, 14), toMs: Date.UTC(2026, 0, 15) },
  baseline: 'azureml:diabetes-train:3',
  analysis: {
    verdict: 'breach',
    window: { fromMs: Date.UTC(2026, 0, 14), toMs: Date.UTC(2026, 0, 15) },
    rows: 800,
    minRows: 500,
    baselineRows: 10_000,
    features: [clinic, age],
    dataQuality: [
      {
        kind: 'schema',
        message:
          'the schemas differ in Smoker, plasma_glucose_mg_dl: baseline (Smoker true/false, Age number, Clinic text, Diabetic number, PatientID number); requests (Smoker number, plasma_glucose_mg_dl number, Age number, Clinic text)',
      },
      { kind: 'range', message: 'Age: 13 of 800 values lie outside the range' },
    ],
    summary: 'drift in 1 of 2 features: Age 1.14 > 0.1 (800 rows of requests against 10,000 of the baseline)',
  },
};

/** Text that would do harm if it were taken for markup. */
export const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{datum}}|@org/team #1 [x](javascript:1)\n## h`;

/** Everything in a document that would make a browser load or run something. Tags are told from text as HTML does. */
export function dangers(html: string): string[] {
  const tags = html.match(/<[a-z!/](?:[^<>"]|"[^"]*")*>/gi) ?? [];
  const loading =
    /^<(script|img|iframe|object|embed|link|base|use|image|foreignObject|meta http-equiv="refresh)\b/i;
  const attributes = /\s(on\w+|src|srcset|xlink:href|xmlns|action|formaction)\s*=/i;
  const bare = (tag: string): string => tag.replace(/"[^"]*"/g, '""');
  const address = (tag: string): string => /\shref="([^"]*)"/.exec(tag)?.[1] ?? 'https://';
  const styles = html.match(/<style>[\s\S]*?<\/style>|\sstyle="[^"]*"/g) ?? [];
  return [
    ...(html.match(/<script/gi) ?? []),
    ...tags.filter(
      (tag) => loading.test(tag) || attributes.test(bare(tag)) || !/^https?:\/\//.test(address(tag)),
    ),
    ...styles.filter((style) => /@import|url\(/i.test(style)),
  ];
}
