import { inCode, plain } from '../../domain/markdown.js';
import type { EndpointStatus, RetirementStatus } from '../messages.js';
import { questionText } from '../question.js';

/** Markdown for the Temporal UI. */
export function describeEndpoint(status: EndpointStatus): string {
  const { champion, previous, running, waiting } = status;
  const traffic = Object.entries(status.traffic).map(([name, percent]) =>
    status.kind === 'batch' ? `\`${name}\`` : `\`${name}\` ${percent} %`,
  );
  return [
    `**${status.endpoint}** in ${status.workspace}${status.held ? ' — **held**' : ''}`,
    champion === undefined
      ? 'no champion yet'
      : `champion: \`${champion.model.name}:${champion.model.version}\` as \`${champion.deployment}\``,
    previous === undefined
      ? ''
      : `previous: \`${previous.model.name}:${previous.model.version}\` as \`${previous.deployment}\` (\`rollback\` goes back to it)`,
    traffic.length === 0 ? '' : `${status.kind === 'batch' ? 'default' : 'traffic'}: ${traffic.join(', ')}`,
    status.retirement === undefined ? '' : `**${describeRetiring(status.retirement)}**`,
    running === undefined ? '' : `now: ${plain(running.step)}`,
    running?.blocked === undefined ? '' : `**blocked**: ${plain(running.blocked.message)}`,
    waiting.length === 0
      ? ''
      : `waiting: ${waiting.map(({ model, lifecycleId }) => `${inCode(`${model.name}:${model.version}`)} (${plain(lifecycleId)})`).join(', ')}`,
    ...(status.approval === undefined ? [] : questionText(status.approval)),
    ...status.events.slice(-5).map(({ at, what }) => `- ${new Date(at).toISOString()} ${plain(what)}`),
  ]
    .filter((line) => line !== '')
    .join('\n\n');
}

function describeRetiring({ stage, by, text, deletesAt }: RetirementStatus): string {
  const when = deletesAt === undefined ? '' : ` until ${new Date(deletesAt).toISOString()}`;
  const stages = {
    queued: 'is to go once nothing else runs',
    draining: `answers nothing and goes; \`abort\` brings it back${when}`,
    deleting: 'is being deleted',
  };
  return `the endpoint ${stages[stage]}${plain(by)}: ${plain(text)}`;
}
