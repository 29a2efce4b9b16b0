/** Who a JWT says its bearer is, without checking it: for one's own token only. `undefined` for any other kind of key. */
export function subjectOf(token: string): string | undefined {
  const [, claims] = token.split('.');
  if (claims === undefined) return undefined;
  try {
    const { sub }: { sub?: unknown } = JSON.parse(
      Buffer.from(claims, 'base64url').toString('utf8'),
    ) as object;
    return typeof sub === 'string' && sub !== '' ? sub : undefined;
  } catch {
    return undefined;
  }
}
