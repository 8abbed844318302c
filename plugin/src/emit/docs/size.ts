/** A number of bytes for readers: `4 MiB`, `64 KiB`, `1000 bytes`. */
export function size(bytes: number): string {
  const units: readonly [number, string][] = [
    [1024 ** 3, "GiB"],
    [1024 ** 2, "MiB"],
    [1024, "KiB"],
  ];
  const [unit, name] = units.find(([amount]) => bytes > 0 && bytes % amount === 0) ?? [
    1,
    bytes === 1 ? "byte" : "bytes",
  ];
  return `${bytes / unit} ${name}`;
}
