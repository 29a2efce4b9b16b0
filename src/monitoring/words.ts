/** `10,000 rows`: counts as people read them. */
export function plural(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function whole(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

/** `BMI, Age and 3 more` */
export function listed(names: readonly string[], limit: number): string {
  const rest = names.length - limit;
  return `${names.slice(0, limit).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
