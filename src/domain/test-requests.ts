/**
 * Beginning of the client ids (`x-ms-client-request-id`) of requests that test a deployment. A data collector that
 * keeps them as correlation ids tells by them what was no traffic.
 */
export const TEST_REQUEST = 'mlops-test-';
