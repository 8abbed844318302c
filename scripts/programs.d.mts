export declare function program(
  name: string,
  args?: readonly string[],
  folder?: string,
): [file: string, args: string[]];
