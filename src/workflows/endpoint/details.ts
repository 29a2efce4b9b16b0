import type { EndpointStatus } from '../messages.js';

/** Markdown for the Temporal UI. */
export function describeEndpoint(status: EndpointStatus): string {
  const { champion, previous, running, waiting } = status;
  const traffic = Object.entries(status.traffic).map(([name, percent]) => `\`${name}\` ${percent} %`);
  return [
    `**${status.endpoint}** in ${status.workspace}${status.held ? ' — **held**' : ''}`,
    champion === undefined
      ? 'no champion yet'
      : `champion: \`${champion.model.name}:${champion.model.version}\` as \`${champion.deployment}\``,
    previous === undefined
      ? ''
      : `previous: \`${previous.model.name}:${previous.model.version}\` as \`${previous.deployment}\` (\`rollback\` goes back to it)`,
    traffic.length === 0 ? '' : `traffic: ${traffic.join(', ')}`,
    running === undefined ? '' : `now: ${running.step}`,
    running?.blocked === undefined ? '' : `**blocked**: ${running.blocked.message}`,
    waiting.length === 0
      ? ''
      : `waiting: ${waiting.map(({ model, lifecycleId }) => `\`${model.name}:${model.version}\` (${lifecycleId})`).join(', ')}`,
    ...status.events.slice(-5).map(({ at, what }) => `- ${new Date(at).toISOString()} ${what}`),
  ]
    .filter((line) => line !== '')
    .join('\n\n');
}
