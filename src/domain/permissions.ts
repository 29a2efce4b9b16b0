/** What a role grants at a scope, as "Permissions - List" of Azure answers it; `*` stands for anything. */
export interface Granted {
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
  readonly notDataActions?: readonly string[];
}

/** Operations by the names of Azure's providers. */
export interface Needed {
  readonly actions?: readonly string[];
  readonly dataActions?: readonly string[];
}

/**
 * Operations that no role grants. Each role stands for itself: what one takes out (`notActions`) another may grant
 * (https://learn.microsoft.com/azure/role-based-access-control/role-definitions).
 */
export function lacking({ actions = [], dataActions = [] }: Needed, granted: readonly Granted[]): string[] {
  return [
    ...actions.filter((one) => !granted.some((role) => grants(one, role.actions, role.notActions))),
    ...dataActions.filter(
      (one) => !granted.some((role) => grants(one, role.dataActions, role.notDataActions)),
    ),
  ];
}

function grants(operation: string, given: readonly string[] = [], taken: readonly string[] = []): boolean {
  return (
    given.some((pattern) => covers(pattern, operation)) &&
    !taken.some((pattern) => covers(pattern, operation))
  );
}

/** Azure's names of operations are compared without case. */
function covers(pattern: string, operation: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  let left = operation.toLowerCase();
  if (!left.startsWith(first)) return false;
  left = left.slice(first.length);
  for (const [index, part] of rest.entries()) {
    const at = index === rest.length - 1 ? left.length - part.length : left.indexOf(part);
    if (at < 0 || !left.startsWith(part, at)) return false;
    left = left.slice(at + part.length);
  }
  return left === '';
}
