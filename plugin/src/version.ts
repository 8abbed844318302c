/** The plugin's name, as protoc and buf know it. */
export const PLUGIN_NAME = "protoc-gen-accord";

/** The version of this package; a test keeps it equal to the one in package.json. */
export const VERSION = "0.1.0";
