// What `startEmulator` loads once Azurite is starting: in one module, so that it is one import.
export { connectAzurite } from './blob/azurite.js';
export { orderFaults } from './control/schemas.js';
export { lastLead } from './schedules/index.js';
export { createApp } from './server.js';
export { createServices } from './services.js';
export { createStore } from './store.js';
