import type { DescMethodUnary, Message, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";

/** Something that a plugin can be asked to do. */
export interface Procedure {
  /** The method that it implements: its path is `/package.Service/Method`. */
  readonly method: DescMethodUnary;
  /** Runs it. What it throws is told to the caller; a `PluginError` with its own code. */
  run(request: Message): Promise<Message>;
}

/** Implements a method of a service. */
export function procedure<Method extends DescMethodUnary>(
  method: Method,
  run: (
    request: MessageShape<Method["input"]>,
  ) => MessageInitShape<Method["output"]> | Promise<MessageInitShape<Method["output"]>>,
): Procedure {
  return {
    method,
    async run(request) {
      return create(method.output, await run(request as MessageShape<Method["input"]>)) as Message;
    },
  };
}

/** The path by which a procedure is called. */
export function pathOf({ method }: Procedure): string {
  return `/${method.parent.typeName}/${method.name}`;
}
