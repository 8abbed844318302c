/**
 * Which files of a package there are beside those of a request. A compiler doesn't tell: a request has what it generates and
 * what that imports.
 */
export interface OtherParts {
  /**
   * Files of a package that another process of the same run of the compiler generates.
   *
   * @param files those of the package that the request has
   */
  generated(pkg: string, files: readonly string[]): readonly string[];
  /** Files that lie beside those of the request, have their package in common with them, and would add to what is made of it. */
  found(pkg: string, files: readonly string[]): readonly string[];
}

/** Nothing is known but what the request has. */
export const NO_OTHER_PARTS: OtherParts = { generated: () => [], found: () => [] };
