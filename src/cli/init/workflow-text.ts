/** `.github/workflows/mlops.yml`: starts lifecycles and passes comments on. `owner`: of the fork that holds the Action. */
export function workflowText(owner: string): string {
  return `name: mlops
on: { push: {}, pull_request: {}, issue_comment: { types: [created] } }
permissions: { contents: read, issues: read, pull-requests: read }
env: { TEMPORAL_ADDRESS: '\${{ vars.TEMPORAL_ADDRESS }}', TEMPORAL_API_KEY: '\${{ secrets.TEMPORAL_API_KEY }}' }
jobs:
  mlops:
    runs-on: ubuntu-latest
    steps: [{ uses: actions/checkout@v5 }, { uses: ${owner}/temporal-mlops/action@v1 }]
`;
}
