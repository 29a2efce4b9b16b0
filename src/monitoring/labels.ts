/** SQL for a class as text, by which `1`, `1.0` and `true` are one. */
export function plainClass(text: string): string {
  const value = `CAST(${text} AS VARCHAR)`;
  return `CASE lower(${value}) WHEN 'true' THEN '1.0' WHEN 'false' THEN '0.0'
    ELSE coalesce(CAST(TRY_CAST(${value} AS DOUBLE) AS VARCHAR), ${value}) END`;
}
