/** How bad a diagnostic is: an error keeps everything from being generated, a warning doesn't. */
export type Severity = "error" | "warning";
