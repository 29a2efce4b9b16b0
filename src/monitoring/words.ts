/** `BMI, Age and 3 more` */
export function listed(names: readonly string[], limit: number): string {
  const rest = names.length - limit;
  return `${names.slice(0, limit).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
