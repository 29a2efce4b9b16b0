/** What Azure lets an endpoint be called: 3 to 32 letters, digits and dashes, a letter first, no dash last. */
export const endpointName = /^(?=.{3,32}$)[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$/;
