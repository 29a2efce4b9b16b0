/**
 * Whether a request comes from an azure-ai-ml of up to 1.34, which was made from other descriptions of the service than 1.35:
 * each takes statuses and words that the other does not. Some of its clients give only the names of the packages inside it.
 */
export function isOlderClient(userAgent = ''): boolean {
  const [, minor] = /\bazure-ai-ml\/1\.(\d+)/.exec(userAgent) ?? [];
  if (minor !== undefined) return Number(minor) < 35;
  return /azsdk-python-(mgmt-machinelearningservices\/0\.|model_dataplane\/)/.test(userAgent);
}
