export { endpoint } from './endpoint.js';
export { lifecycle } from './lifecycle.js';
export { monitoring } from './monitoring.js';
export { polling } from './polling.js';
export { reporting } from './reporting.js';
export { setup } from './setup.js';
export { training } from './training.js';
