import { describe, expect, test } from 'vitest';
import { codeHints, isLoss, rankMetrics } from '../../../src/cli/init/code-hints.js';

describe('hints from training code', () => {
  test('metrics by name, in a dictionary, and in a dictionary with a name', () => {
    expect(codeHints('mlflow.log_metric("test r2", r2)').metrics).toEqual(['test r2']);
    expect(codeHints("mlflow.log_metrics({'AUC': auc, 'F1': f1})").metrics).toEqual(['AUC', 'F1']);
    expect(
      codeHints(
        'metrics: dict = {"accuracy": accuracy_score(y, p)}\nmlflow.log_metrics({**metrics, "rows": 1})',
      ).metrics,
    ).toEqual(['rows', 'accuracy']);
  });

  test('a dictionary that is never logged is none', () => {
    expect(codeHints('metrics = {"accuracy": 1}').metrics).toEqual([]);
  });

  test('where models are logged', () => {
    expect(codeHints('mlflow.sklearn.log_model(model, "iris")').models).toEqual(['iris']);
    expect(codeHints('mlflow.sklearn.log_model(sk_model=fit(x), name="m", signature=s)').models).toEqual([
      'm',
    ]);
    expect(codeHints('mlflow.sklearn.log_model(model, args.name)').models).toEqual([]);
  });

  test('what judges a model comes before what describes a run', () => {
    expect(rankMetrics(['train r2', 'epoch', 'test rmse', 'test r2', 'val_auc'])).toEqual([
      'val_auc',
      'test r2',
      'test rmse',
      'train r2',
      'epoch',
    ]);
    expect(['val_loss', 'test rmse', 'log-loss'].every(isLoss)).toBe(true);
    expect(['AUC', 'accuracy', 'terror_recall'].some(isLoss)).toBe(false);
  });
});
