import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { driftReport, evaluationReport } from '../../src/reports/index.js';
import { desktop, launchBrowser, openPage, phone, screenshot, withoutBrowser } from '../support/browser.js';
import { age, clinic, drift, evaluation, hostile } from './support.js';
import { predictionsOf } from './predictions.js';

const sizes = {
  desktop,
  phone,
  'desktop-dark': { ...desktop, colorScheme: 'dark' as const },
  'phone-dark': { ...phone, colorScheme: 'dark' as const },
};

/** Texts of less contrast than WCAG asks of small ones (AA, 4.5), against the nearest opaque background. */
const poorContrast = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      layers.push(color);
      if (color[3] === 255) break;
    }
    return layers.reverse().reduce((under, [r, g, b, a]) =>
      [r, g, b].map((v, i) => v * (a / 255) + (under[i] ?? 255) * (1 - a / 255)), [255, 255, 255]);
  };
  const poor = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!own || element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const ink = light(rgba(element.closest('svg') ? style.fill : style.color));
    const back = light(ground(element));
    const ratio = (Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05);
    if (ratio < 4.5) poor.push(element.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return [...new Set(poor)];
})()`;

describe.skipIf(withoutBrowser)('reports in a browser', () => {
  let browser: Browser;
  let dir: string;
  beforeAll(async () => {
    [browser, dir] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'mlops-reports-'))]);
  });
  afterAll(() => browser.close());

  /** Opens a report at each size, keeps its picture and answers what is wrong with it. */
  async function faults(name: string, html: string): Promise<string[]> {
    const file = join(dir, `${name}.html`);
    await writeFile(file, html);
    const found: string[] = [];
    for (const [size, options] of Object.entries(sizes)) {
      const { page, errors, refused } = await openPage(browser, pathToFileURL(file).href, options);
      await screenshot(page, `reports/${name}-${size}`);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      found.push(
        ...[...errors, ...refused, ...(wide > 0 ? [`${wide} pixels too wide`] : [])].map(
          (fault) => `${size}: ${fault}`,
        ),
        ...(await page.evaluate<string[]>(poorContrast)).map((text) => `${size}: poor contrast of “${text}”`),
        ...(await unnamed(page)).map((text) => `${size}: ${text}`),
      );
      await page.context().close();
    }
    return found;
  }

  async function unnamed(page: Page): Promise<string[]> {
    const drawings = await page.locator('svg').count();
    const named = await page.getByRole('img').filter({ visible: true }).count();
    const hidden = drawings - (await page.locator('svg').filter({ visible: true }).count());
    return drawings - hidden === named ? [] : [`${drawings - hidden - named} drawings without a description`];
  }

  test('an evaluation with curves of two candidates and the champion', async () => {
    const predicted = [
      await predictionsOf('boosted', 2.4),
      await predictionsOf('logistic', 1.6),
      await predictionsOf('champion diabetes:7', 1.8),
    ];
    const { html, markdown } = await evaluationReport({ ...evaluation, predicted });
    expect(await faults('evaluation', html)).toEqual([]);
    for (const { curves } of predicted)
      expect(html).toContain((curves?.auc ?? 0).toFixed(4).replace(/0+$/, ''));
    expect(markdown).toMatch(
      /\*\*boosted\*\* ROC AUC 0\.\d+, average precision 0\.\d+, Brier 0\.\d+, [\d,]+ of 1,500 right/,
    );
  }, 120_000);

  test('an evaluation of one class only, and of hostile names', async () => {
    const odd = {
      name: hostile,
      role: 'candidate' as const,
      rows: 2,
      confusion: {
        labels: [hostile, 'x'],
        counts: [
          [1, 0],
          [0, 1],
        ],
      },
      notes: ['only one class among the labels, so no curves'],
    };
    const { html } = await evaluationReport({ ...evaluation, predicted: [odd] });
    expect(await faults('evaluation-odd', html)).toEqual([]);
  }, 120_000);

  test('drift of a few features', async () => {
    const trend = Array.from({ length: 30 }, (_, i) => ({
      atMs: drift.window.toMs - (29 - i) * 86_400_000,
      verdict: 'ok' as const,
      rows: 800,
      features: { Age: 0.4 + (i * i) / 80, Clinic: 0.5 + Math.sin(i) / 8 },
      predictions: { Diabetic: 0.3 + i / 50 },
      performance: { accuracy: 0.82 - i / 400, auc: 0.88 - i / 300 },
    }));
    const look = {
      drift: drift.analysis,
      predictions: {
        ...drift.analysis,
        features: [{ ...clinic, feature: 'Diabetic' }],
        summary: 'no drift in 1 feature',
      },
      performance: {
        labelled: 700,
        predictions: 800,
        metrics: { accuracy: 0.75, auc: 0.78 },
        verdict: 'ok' as const,
        checks: [],
      },
      health: { requests: 900, errors: 9, errorRate: 0.01, p95: 120, refused: [{ status: 429, count: 9 }] },
    };
    const bell = Array.from({ length: 24 }, (_, i) => Math.exp(-(((i - 8) / 5) ** 2)));
    const moved = Array.from({ length: 24 }, (_, i) => Math.exp(-(((i - 13) / 5) ** 2)));
    const shares = (weights: readonly number[]): number[] =>
      weights.map((weight) => weight / weights.reduce((a, b) => a + b));
    const edges = Array.from({ length: 25 }, (_, i) => 20 + i * 2.5);
    const drawn = {
      ...age,
      baseline: { ...age.baseline, histogram: { kind: 'bins' as const, edges, shares: shares(bell) } },
      current: { ...age.current, histogram: { kind: 'bins' as const, edges, shares: shares(moved) } },
    };
    const { html, markdown } = await driftReport({
      ...drift,
      analysis: { ...drift.analysis, features: [drawn, clinic] },
      look,
      trend,
    });
    expect(await faults('drift', html)).toEqual([]);
    expect(html).toContain('Drift over the last 30 looks');
    expect(html).toContain('Performance over time');
    expect(markdown).toMatch(/since the look before, in times of the threshold: Age 10\.2 → 10\.9/);
    expect(markdown).toMatch(/performance since then: accuracy 0\.75 → 0\.74[78]/);
  }, 120_000);

  test('drift of 500 features, one of them hostile', async () => {
    const features = Array.from({ length: 500 }, (_, i) => ({
      ...(i % 3 === 0 ? clinic : age),
      feature: i === 0 ? hostile : `feature_${i}`,
      value: 1 / (i + 1),
    }));
    const { html } = await driftReport({ ...drift, analysis: { ...drift.analysis, features } });
    expect(await faults('drift-wide', html)).toEqual([]);
  }, 120_000);
});
