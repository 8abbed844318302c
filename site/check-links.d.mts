export declare function checkLinks(
  folder: string,
  base?: string,
): { readonly links: number; readonly broken: readonly string[] };
