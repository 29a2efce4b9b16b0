export { reachOf, type ReachRules } from '../domain/reach.js';
export { explainProject, type Explained } from './explain.js';
export { parsePolicy, type PolicyResult } from './policy.js';
export { parseProject, type ParsedProject, type ParseOptions, type ParseResult } from './project.js';
export { projectJsonSchema } from './json-schema.js';
