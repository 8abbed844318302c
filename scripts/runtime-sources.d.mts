export declare function runtimeSources(folder: string): Record<string, string>;
