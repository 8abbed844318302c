import { createRegistry, type DescFile, type DescMessage, type Registry } from "@bufbuild/protobuf";

const registries = new WeakMap<DescFile, Registry>();

/** The message type of a name, as far as a file and those that it imports define it, nested messages included. */
export function messageTypeNamed(name: string, root: DescFile): DescMessage | undefined {
  let registry = registries.get(root);
  if (registry === undefined) {
    const files = new Set<DescFile>();
    const add = (file: DescFile): void => {
      if (!files.has(file)) {
        files.add(file);
        file.dependencies.forEach(add);
      }
    };
    add(root);
    registry = createRegistry(...files);
    registries.set(root, registry);
  }
  return registry.getMessage(name);
}
