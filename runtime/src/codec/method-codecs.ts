import type { DescMessage } from "@bufbuild/protobuf";
import { type MessageCodec, reflectCodec } from "./message-codec.js";
import { excerptingCodec } from "./message-excerpt.js";

/** What encodes and decodes the messages of a method. What is left out is done by protobuf-es's reflection. */
export interface MethodCodecs<Input extends DescMessage = DescMessage, Output extends DescMessage = DescMessage> {
  readonly request?: MessageCodec<Input>;
  readonly response?: MessageCodec<Output>;
}

/** Both codecs of a method. To be asked once per method. */
export function codecsOf<Input extends DescMessage, Output extends DescMessage>(
  method: { readonly input: Input; readonly output: Output },
  { request, response }: MethodCodecs<Input, Output>,
): Required<MethodCodecs<Input, Output>> {
  return {
    request: excerptingCodec(request ?? reflectCodec(method.input)),
    response: excerptingCodec(response ?? reflectCodec(method.output)),
  };
}
