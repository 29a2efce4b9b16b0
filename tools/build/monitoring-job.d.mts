/** Bundles the program that measures next to the data, from its main module `entry`, into `outfile`. */
export function bundleMonitoringJob(entry: string, outfile: string): Promise<void>;
