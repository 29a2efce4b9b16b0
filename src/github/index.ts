export { createGitHub, ownerAndRepo, type GitHub, type GitHubApp, type GitHubSettings } from './client.js';
export { accessToRepository, accessToTeam, type Access } from './access.js';
export { GitHubError, type GitHubErrorCode } from './errors.js';
export { fetchSource, readFileAt, type CommitRef } from './source.js';
export { prune, type PruneLimits } from './source-cache.js';
export { defaultLimits, type ArchiveLimits } from './archive.js';
export {
  authorsBetween,
  compare,
  defaultBranch,
  firstParent,
  isAncestor,
  pullRequestOf,
  resolveCommit,
  type Comparison,
  type PullRequest,
} from './commits.js';
export { reportPhase, type Annotation, type PhaseReport } from './checks.js';
export { reportDeployment, type DeploymentReport } from './deployments.js';
export { writeComment, writeRequest, type RequestComment, type Written } from './comments.js';
export { readComment, readReview, type Statement } from './statements.js';
export { isAllowed, permissionOf, type Permission, type Role } from './people.js';
export {
  verifyComment,
  verifyLifecycleComment,
  verifyReview,
  verifySteeringComment,
  verifyTrainComment,
  type CommentRule,
  type ReviewRule,
  type SteeringCommentRule,
  type TrainRule,
} from './proofs.js';
export { forkOf } from './commits.js';
export { changedFiles, listTips, type Tip } from './tips.js';
