import type { Mistake } from '../domain/mistake.js';
import type { FileRef } from '../domain/project.js';
import type { SourceFiles } from './source-files.js';

export declare function validateFile(files: SourceFiles, ref: FileRef): Promise<Mistake[]>;
