/**
 * `accord/v1/options_pb` where a bundler makes something for browsers. Every file with a contract names the language's file among
 * those that it imports, and nothing in a page asks what is in it: so it is empty here, and 6 KB stay out of the bundle, unless
 * options are read.
 */

import type { GenFile } from "@bufbuild/protobuf/codegenv2";
import { fileDesc } from "@bufbuild/protobuf/codegenv2";

export * from "../gen/accord/v1/options_pb.js";

/** The file accord/v1/options.proto: its name, its package and its syntax. */
export const file_accord_v1_options: GenFile = /*@__PURE__*/ fileDesc(
  "ChdhY2NvcmQvdjEvb3B0aW9ucy5wcm90bxIJYWNjb3JkLnYxYgZwcm90bzM=",
);
