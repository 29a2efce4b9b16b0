/** Something that the operators' policy does not let a project do. Final: nothing is started. */
export interface Refusal {
  readonly code:
    | 'PolicyMissing'
    | 'LocalSourceForbidden'
    | 'RepositoryNotListed'
    | 'ProjectNotOwned'
    | 'WorkspaceUnknown'
    | 'EndpointNotOwned'
    | 'RegistryNotAllowed'
    | 'ApprovalTooLoose'
    | 'VerificationForbidden'
    | 'EnvironmentUnknown'
    | 'CandidateUnknown'
    | 'NotApproved'
    | 'OutsideWindow'
    | 'ForkNotAsked';
  /** What was found, what is allowed, where, and what to do next. */
  readonly message: string;
}
