import type { ComponentChild, JSX } from 'preact';
import type { EmulatorContext } from '../../context.js';
import { workspaceIdOf } from '../../ids.js';
import { pageUrl, scopeAt } from '../scope.js';
import type { Scope } from '../scope.js';

const SECTION_OF: Readonly<Record<string, string>> = {
  models: 'models',
  data: 'data',
  environments: 'environments',
  components: 'components',
};

/** A reference that Azure ML's objects make to each other, as a link where a page shows what it names. */
export function Reference(props: {
  readonly ctx: EmulatorContext;
  readonly scope: Scope;
  readonly to: unknown;
}): JSX.Element {
  const { to } = props;
  const text = typeof to === 'string' ? to : JSON.stringify(to);
  const target = typeof to === 'string' ? targetOf(props.ctx, props.scope, to) : undefined;
  if (target === undefined) return <code class="long">{text}</code>;
  return (
    <a href={target.href} title={text}>
      {target.label}
    </a>
  );
}

interface Target {
  readonly href: string;
  readonly label: string;
}

function targetOf(ctx: EmulatorContext, scope: Scope, text: string): Target | undefined {
  const inJob = /^(?:azureml:\/\/jobs\/|runs:\/)([^/]+)/.exec(text)?.[1];
  if (inJob !== undefined) return { href: pageUrl(scope, 'jobs', inJob), label: text };
  const ofRun = /\/ExperimentRun\/dcid\.([^/]+)/.exec(text)?.[1];
  if (ofRun !== undefined) return { href: pageUrl(scope, 'jobs', ofRun), label: text };
  if (text.startsWith('/subscriptions/')) return ofArmId(ctx, text);
  return undefined;
}

function ofArmId(ctx: EmulatorContext, id: string): Target | undefined {
  const scope = scopeAt(ctx, id);
  const [kind = '', name, , version] = id.slice((workspaceIdOf(id)?.length ?? id.length) + 1).split('/');
  if (scope === undefined || name === undefined) return undefined;
  if (kind.toLowerCase() === 'computes') return { href: pageUrl(scope, 'compute'), label: name };
  if (kind.toLowerCase() === 'jobs') return { href: pageUrl(scope, 'jobs', name), label: name };
  const section = SECTION_OF[kind.toLowerCase()];
  if (section === undefined) return undefined;
  if (version === undefined) return { href: pageUrl(scope, section, name), label: name };
  return { href: pageUrl(scope, section, name, version), label: `${name}:${version}` };
}

/** Inputs or outputs of a job, by name: what they are and where they lie. */
export function Bindings(props: {
  readonly ctx: EmulatorContext;
  readonly scope: Scope;
  readonly of: Readonly<Record<string, unknown>>;
}): JSX.Element {
  return (
    <dl class="facts">
      {Object.entries(props.of).map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{describe(props.ctx, props.scope, value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function describe(ctx: EmulatorContext, scope: Scope, value: unknown): ComponentChild {
  const { uri, value: literal, jobInputType, jobOutputType } = (value ?? {}) as Record<string, unknown>;
  const type = typeof jobInputType === 'string' ? jobInputType : jobOutputType;
  if (uri === undefined || uri === null)
    return <code>{typeof literal === 'string' ? literal : JSON.stringify(literal)}</code>;
  return (
    <>
      <Reference ctx={ctx} scope={scope} to={uri} />
      {typeof type === 'string' && <span class="faint"> {type}</span>}
    </>
  );
}
