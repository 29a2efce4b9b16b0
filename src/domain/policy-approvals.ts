import { mayStayUnverified } from './approval-rules.js';
import type { LeastApproval, ProjectPolicy } from './policy.js';
import type { ApprovalRule, Environment, Project, Verification } from './project.js';
import type { Refusal } from './refusal.js';
import { formatMs } from './text.js';

export interface BoundApprovals {
  readonly environments: readonly Environment[];
  readonly refusals: readonly Refusal[];
  readonly notes: readonly string[];
}

/** Holds where the policy names no environment: no least number, but people are known and are no authors. */
const baseline: LeastApproval = { required: 0, verify: ['github', 'principal'], allowAuthors: false };

/** What an environment asks for where neither `mlops.yaml` nor the policy says more. */
export const defaultApproval: ApprovalRule = {
  approvers: [],
  required: 1,
  expiresMs: 72 * 3_600_000,
  verify: ['github', 'principal'],
  allowAuthors: false,
  assumed: ['approvers', 'required', 'expires', 'verify'],
};

/** Every environment with the approval in force: its own where it is strict enough, else a refusal for each setting. */
export function boundApprovals(owner: ProjectPolicy, project: Project): BoundApprovals {
  const refusals: Refusal[] = [];
  const notes: string[] = [];
  const environments = project.environments.map((environment) => {
    let rule = environment.approval;
    for (const least of rulesFor(owner, project, environment)) {
      if (rule === undefined && least.required === 0) continue;
      const where = `environments.${environment.name}.approval`;
      refusals.push(...looser(least, rule ?? defaultApproval, where));
      const strict: ApprovalRule = tightened(least, rule ?? defaultApproval);
      notes.push(...differences(rule, strict).map((text) => `${where}: policy.yml asks for ${text}`));
      rule = strict;
    }
    return rule === undefined ? environment : { ...environment, approval: rule };
  });
  return { environments, refusals, notes };
}

/**
 * The rules that an environment must meet. One that the policy does not name could be a way round those that it
 * does: if it is the last, or lies outside the workspace that trains, it must meet them all.
 */
function rulesFor(
  owner: ProjectPolicy,
  project: Project,
  environment: Environment,
): readonly LeastApproval[] {
  const own = Object.hasOwn(owner.environments, environment.name)
    ? owner.environments[environment.name]
    : undefined;
  if (own !== undefined) return [own];
  const exposed = project.environments.at(-1) === environment || environment.workspace !== owner.workspace;
  const named = Object.values(owner.environments);
  return exposed && named.length > 0 ? named : [baseline];
}

/**
 * The stricter of what the policy and the spec ask for, setting by setting. `looser` says whether the spec had
 * written down less than the policy allows.
 */
export function tightened(least: LeastApproval, rule: ApprovalRule): ApprovalRule {
  const assumed = rule.assumed ?? [];
  const required = Math.max(least.required, rule.required);
  const approvers =
    rule.approvers.length > 0 || least.approvers === undefined ? rule.approvers : least.approvers;
  const provable = (methods: readonly Verification[]): readonly Verification[] =>
    mayStayUnverified({ required, approvers }) ? methods : methods.filter((method) => method !== 'none');
  const common = provable(rule.verify.filter((method) => accepts(least, method)));
  const open = common.length === 0 && assumed.includes('verify');
  return {
    ...rule,
    required,
    approvers,
    verify: open ? provable(least.verify) : common,
    ...(rule.rejections !== undefined && { rejections: Math.min(rule.rejections, least.maxRejections ?? 1) }),
    expiresMs: Math.min(rule.expiresMs, least.maxExpiresMs ?? Number.POSITIVE_INFINITY),
    allowAuthors: rule.allowAuthors && least.allowAuthors,
  };
}

/** A refusal for each setting that somebody wrote down and that is looser than the policy. */
function looser(least: LeastApproval, rule: ApprovalRule, where: string): Refusal[] {
  const written = (key: AssumedKey): boolean => !(rule.assumed ?? []).includes(key);
  const refusals: Refusal[] = [];
  const add = (code: Refusal['code'], key: string, found: string, allowed: string): void => {
    refusals.push({
      code,
      message: `${where}.${key}: found ${found}; policy.yml allows ${allowed}. Tighten it in mlops.yaml on the default branch.`,
    });
  };
  if (written('required') && rule.required < least.required) {
    add('ApprovalTooLoose', 'required', String(rule.required), `${least.required} or more`);
  }
  const strangers = rule.approvers.filter((name) => !isListed(name, least.approvers));
  if (strangers.length > 0) {
    add('ApprovalTooLoose', 'approvers', strangers.join(', '), (least.approvers ?? []).join(', '));
  }
  const widened = (rule.escalate?.to ?? []).filter((name) => !isListed(name, least.approvers));
  if (widened.length > 0) {
    add('ApprovalTooLoose', 'escalate.to', widened.join(', '), (least.approvers ?? []).join(', '));
  }
  const { maxRejections = 1 } = least;
  if ((rule.rejections ?? 1) > maxRejections) {
    add('ApprovalTooLoose', 'rejections', String(rule.rejections), `at most ${maxRejections}`);
  }
  if (written('expires') && least.maxExpiresMs !== undefined && rule.expiresMs > least.maxExpiresMs) {
    add('ApprovalTooLoose', 'expires', formatMs(rule.expiresMs), `at most ${formatMs(least.maxExpiresMs)}`);
  }
  if (rule.allowAuthors && !least.allowAuthors) {
    add('ApprovalTooLoose', 'allow_authors', 'true', 'false: authors do not approve their own commits');
  }
  return [...refusals, ...verificationRefusals(least, rule, where, written('verify'))];
}

function verificationRefusals(
  least: LeastApproval,
  rule: ApprovalRule,
  where: string,
  written: boolean,
): Refusal[] {
  const forbidden = written ? rule.verify.filter((method) => !accepts(least, method)) : [];
  if (forbidden.length > 0) {
    return [forbiddenVerification(where, forbidden, least.verify.join(', '))];
  }
  const strict = tightened(least, rule);
  if (strict.verify.length > 0) return [];
  return [
    forbiddenVerification(
      where,
      rule.verify,
      'none only for one approval by anyone; this one needs several people or a list',
    ),
  ];
}

/** Who accepts an unverified answer accepts a verified one. */
function accepts(least: LeastApproval, method: Verification): boolean {
  return least.verify.includes(method) || least.verify.includes('none');
}

function forbiddenVerification(where: string, found: readonly Verification[], allowed: string): Refusal {
  return {
    code: 'VerificationForbidden',
    message: `${where}.verify: found ${found.join(', ')}; policy.yml allows ${allowed}. Change it in mlops.yaml on the default branch.`,
  };
}

function isListed(name: string, list: readonly string[] | undefined): boolean {
  return list === undefined || list.some((other) => other.toLowerCase() === name.toLowerCase());
}

type AssumedKey = NonNullable<ApprovalRule['assumed']>[number];

function differences(before: ApprovalRule | undefined, after: ApprovalRule): string[] {
  const show = (rule: ApprovalRule): Readonly<Record<string, string>> => ({
    required: String(rule.required),
    approvers: rule.approvers.join(', ') || 'anyone with maintain',
    expires: formatMs(rule.expiresMs),
    verify: rule.verify.join(', '),
  });
  if (before === undefined) return ['an approval here'];
  const old = show(before);
  return Object.entries(show(after)).flatMap(([key, value]) =>
    old[key] === value ? [] : [`${key} ${value}`],
  );
}
