/** What training code tells about itself by the calls that it makes to MLflow. */
export interface CodeHints {
  /** Names of logged metrics, in the order of the text. */
  readonly metrics: readonly string[];
  /** Artifact paths that models are logged under. */
  readonly models: readonly string[];
}

const logMetric = /\blog_metric\(\s*(?:key\s*=\s*)?(["'])((?:(?!\1).)+)\1/g;
/** A dictionary that is likely to be logged by its name. */
const named = /\b\w*(?:metric|score)\w*\s*(?::[^=\n]+)?=\s*\{([^}]*)\}/gi;
const logMetrics = /\blog_metrics\(\s*\{([^}]*)\}/g;
const logModel = /\blog_model\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g;
const key = /(["'])((?:(?!\1).)+)\1\s*:/g;

export function codeHints(python: string): CodeHints {
  const single = [...python.matchAll(logMetric)].map(([, , name = '']) => name);
  const logsNamed = /\blog_metrics\(\s*(?!\{\s*["'])/.test(python);
  const dictionaries = [...python.matchAll(logMetrics), ...(logsNamed ? python.matchAll(named) : [])];
  const many = dictionaries.flatMap(([, body = '']) =>
    [...body.matchAll(key)].map(([, , name = '']) => name),
  );
  const models = [...python.matchAll(logModel)].flatMap(([, args = '']) => {
    const named = /\b(?:artifact_path|name)\s*=\s*(["'])((?:(?!\1).)+)\1/.exec(args)?.[2];
    const second = /^[^,]+,\s*(["'])((?:(?!\1).)+)\1/.exec(args)?.[2];
    const found = named ?? second;
    return found === undefined ? [] : [found];
  });
  return { metrics: [...new Set([...single, ...many])], models: [...new Set(models)] };
}

/** Whether less of a metric is better, judged by its name. */
export function isLoss(metric: string): boolean {
  return /(^|[\s_-])(loss|error|err|mse|rmse|mae|mape|rmsle|logloss|perplexity|wer|cer|brier)([\s_-]|$)/i.test(
    metric,
  );
}

const usual = [/auc/i, /\bf1|f1[_\s-]?score/i, /accuracy|\bacc\b/i, /r2|r_squared/i, /rmse/i, /mae/i, /mse/i];
const asides = /time|size|count|epoch|\blr\b|learning|train(ing)?[\s_-]|flag|samples|rows/i;

/** Those that judge a model first: what is measured on held-out data, in the order of how common they are. */
export function rankMetrics(metrics: readonly string[]): string[] {
  const rank = (metric: string): number => {
    const at = usual.findIndex((pattern) => pattern.test(metric));
    return (at === -1 ? usual.length : at) + (asides.test(metric) ? 100 : 0);
  };
  return [...metrics].sort((a, b) => rank(a) - rank(b));
}
